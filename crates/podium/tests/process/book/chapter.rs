//! A file of the documentation: its blocks, links, anchors and code, each with its line.

use std::collections::BTreeMap;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A piece of text and where it stands.
pub(super) struct Piece {
    pub(super) line: usize,
    pub(super) text: String,
}

/// A fenced block.
pub(super) struct Block {
    pub(super) line: usize,
    pub(super) language: String,
    /// What else stands behind the fence.
    pub(super) marks: Vec<String>,
    pub(super) text: String,
    /// The paragraph right before it; empty where something else is.
    pub(super) before: String,
}

impl Block {
    pub(super) fn is_marked(&self, mark: &str) -> bool {
        self.marks.iter().any(|one| one == mark)
    }
}

pub(super) struct Chapter {
    /// Its path from the project's folder.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) blocks: Vec<Block>,
    /// Code within sentences.
    pub(super) code: Vec<Piece>,
    /// Where links and pictures lead.
    pub(super) links: Vec<Piece>,
    /// What links can name after a `#`.
    pub(super) anchors: Vec<String>,
}

impl Chapter {
    pub(super) fn read(name: &str) -> Self {
        let path = super::root().join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut chapter = Self {
            name: name.to_owned(),
            text: text.clone(),
            blocks: Vec::new(),
            code: Vec::new(),
            links: Vec::new(),
            anchors: Vec::new(),
        };
        chapter.take(&text);
        chapter
    }

    pub(super) fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.name)
    }

    fn take(&mut self, text: &str) {
        let mut reading = Reading::default();
        let line_at = |offset: usize| text[..offset].matches('\n').count() + 1;
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            reading.take(self, event, line_at(range.start));
        }
    }
}

/// What is being read.
#[derive(Default)]
struct Reading {
    block: Option<Block>,
    /// The words of the paragraph that was read last, or is being read.
    paragraph: String,
    heading: Option<String>,
    seen: BTreeMap<String, usize>,
}

impl Reading {
    fn take(&mut self, chapter: &mut Chapter, event: Event<'_>, line: usize) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(words))) => {
                let mut words = words.split_whitespace().map(str::to_owned);
                self.block = Some(Block {
                    line,
                    language: words.next().unwrap_or_default(),
                    marks: words.collect(),
                    text: String::new(),
                    before: std::mem::take(&mut self.paragraph),
                });
            }
            Event::End(TagEnd::CodeBlock) => chapter.blocks.extend(self.block.take()),
            Event::Start(Tag::Heading { .. }) => self.heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => self.end_heading(chapter),
            Event::Start(Tag::Paragraph | Tag::Item | Tag::Table(_)) => self.paragraph.clear(),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                chapter.links.push(Piece { line, text: dest_url.into_string() });
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                chapter.links.extend(sources(&html).map(|text| Piece { line, text }));
            }
            Event::Code(code) => {
                self.say(&code);
                chapter.code.push(Piece { line, text: code.into_string() });
            }
            Event::Text(words) => self.say(&words),
            Event::SoftBreak | Event::HardBreak => self.say(" "),
            _ => {}
        }
    }

    fn say(&mut self, words: &str) {
        match (&mut self.block, &mut self.heading) {
            (Some(block), _) => block.text.push_str(words),
            (None, Some(heading)) => heading.push_str(words),
            (None, None) => self.paragraph.push_str(words),
        }
    }

    fn end_heading(&mut self, chapter: &mut Chapter) {
        self.paragraph.clear();
        let heading = self.heading.take().unwrap_or_default();
        let anchor = anchor(&heading);
        let times = self.seen.entry(anchor.clone()).or_default();
        chapter.anchors.push(if *times == 0 { anchor } else { format!("{anchor}-{times}") });
        *times += 1;
    }
}

/// How forges name a heading in an address.
fn anchor(heading: &str) -> String {
    let is_kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(is_kept).collect::<String>().replace(' ', "-")
}

/// What pictures in HTML are loaded from.
fn sources(html: &str) -> impl Iterator<Item = String> + '_ {
    ["src=\"", "srcset=\"", "href=\""].into_iter().flat_map(move |begin| {
        html.split(begin).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
    })
}
