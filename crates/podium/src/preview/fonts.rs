//! Which font draws which letter, and how wide a text is.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use resvg::usvg::fontdb::{Database, FaceInfo, ID, Style};
use resvg::usvg::{self, FontFamily, FontResolver, Options, Tree};
use skrifa::{FontRef, MetadataProvider as _};

/// No line has room for more letters.
const MOST_LETTERS: usize = 200;
/// More letters than all names together usually have.
const MOST_KNOWN: usize = 10_000;

/// The fonts, the page's own first.
pub(super) struct Fonts {
    options: Options<'static>,
    faces: Vec<ID>,
    /// Which of the faces has a letter.
    known: Mutex<HashMap<char, Option<usize>>>,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fonts").field("faces", &self.faces.len()).finish_non_exhaustive()
    }
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    pub(super) size: f32,
    pub(super) weight: u16,
}

impl Fonts {
    pub(super) fn load(own: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Option<Self> {
        let mut database = Database::new();
        for woff2 in own {
            match wuff::decompress_woff2(woff2.as_ref()) {
                Ok(font) => database.load_font_data(font.to_vec()),
                Err(error) => tracing::warn!(?error, "a font of the page cannot be read"),
            }
        }
        let mut faces: Vec<ID> = database.faces().map(|face| face.id).collect();
        if faces.is_empty() {
            return None;
        }
        database.load_system_fonts();
        let others = database.faces().filter(|face| !faces.contains(&face.id));
        let mut others: Vec<(u32, ID)> = others.map(|face| (strangeness(face), face.id)).collect();
        others.sort_by_key(|(strangeness, _)| *strangeness);
        faces.extend(others.into_iter().map(|(_, id)| id));
        let mut options = Options { fontdb: Arc::new(database), ..Options::default() };
        options.font_resolver = resolver(faces.clone());
        Some(Self { options, faces, known: Mutex::default() })
    }

    pub(super) fn options(&self) -> &Options<'static> {
        &self.options
    }

    /// The text as spans, each in a font that has its letters. Letters that no font has are left
    /// out.
    fn spans(&self, text: &str) -> String {
        let mut spans = String::new();
        let mut of: Option<usize> = None;
        for letter in text.chars().filter(|letter| !letter.is_control()) {
            // Marks, spaces and joiners go with what they stand behind.
            let stays = of.filter(|face| !letter.is_alphanumeric() && self.has(*face, letter));
            let Some(face) = stays.or_else(|| self.face_of(letter)) else { continue };
            if of != Some(face) {
                let end = if of.is_some() { "</tspan>" } else { "" };
                let _ = write!(spans, "{end}<tspan font-family=\"{}\">", name_of(face));
                of = Some(face);
            }
            escape(letter, &mut spans);
        }
        spans.push_str(if of.is_some() { "</tspan>" } else { "" });
        spans
    }

    /// The spans of as much of the text as fits, and how wide they are.
    pub(super) fn fitted(&self, text: &str, look: Type, most: f32) -> (String, f32) {
        let letters: Vec<char> = text.chars().take(MOST_LETTERS).collect();
        let first = |kept: usize| letters[..kept].iter().collect::<String>();
        if text.chars().nth(MOST_LETTERS).is_none() {
            let spans = self.spans(text);
            let width = self.width(&spans, look);
            if width <= most {
                return (spans, width);
            }
        }
        let cut = |kept: usize| self.spans(&format!("{}…", first(kept).trim_end()));
        let lengths: Vec<usize> = (0..letters.len()).collect();
        let fits = lengths.partition_point(|kept| self.width(&cut(*kept), look) <= most);
        let spans = cut(fits.saturating_sub(1));
        let width = self.width(&spans, look);
        (spans, width)
    }

    /// Pixels from left to right.
    fn width(&self, spans: &str, look: Type) -> f32 {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\">\
             <text xml:space=\"preserve\" font-size=\"{}\" font-weight=\"{}\">{spans}</text></svg>",
            look.size, look.weight,
        );
        let tree = Tree::from_str(&svg, &self.options);
        tree.map_or(0.0, |tree| tree.root().bounding_box().width())
    }

    fn face_of(&self, letter: char) -> Option<usize> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        let find = || (0..self.faces.len()).find(|face| self.has(*face, letter));
        *known.entry(letter).or_insert_with(find)
    }

    fn has(&self, face: usize, letter: char) -> bool {
        let has = |data: &[u8], index| {
            let font = FontRef::from_index(data, index).ok()?;
            font.charmap().map(letter)
        };
        self.options.fontdb.with_face_data(self.faces[face], has).flatten().is_some()
    }
}

/// How unlike the page's a font is: an upright sans of usual width is nearest.
fn strangeness(face: &FaceInfo) -> u32 {
    let name = face.families.first().map_or("", |(name, _)| name.as_str());
    let odds = [
        face.style != Style::Normal,
        face.monospaced,
        !name.contains("Sans"),
        face.stretch != usvg::fontdb::Stretch::Normal,
        name.contains("Mono"),
    ];
    let odd: u32 = odds.into_iter().map(u32::from).sum();
    odd * 1_000 + u32::from(face.weight.0.abs_diff(600))
}

/// How a span says which face it wants.
fn name_of(face: usize) -> String {
    format!("face-{face}")
}

fn resolver(faces: Vec<ID>) -> FontResolver<'static> {
    let first = faces[0];
    let select = move |font: &usvg::Font, _: &mut Arc<Database>| {
        let place = font.families().iter().find_map(|family| match family {
            FontFamily::Named(name) => name.strip_prefix("face-")?.parse::<usize>().ok(),
            _ => None,
        });
        Some(place.and_then(|place| faces.get(place)).copied().unwrap_or(first))
    };
    FontResolver { select_font: Box::new(select), select_fallback: Box::new(|_, _, _| None) }
}

fn escape(letter: char, to: &mut String) {
    match letter {
        '&' => to.push_str("&amp;"),
        '<' => to.push_str("&lt;"),
        '>' => to.push_str("&gt;"),
        // No characters of XML.
        '\u{fffe}' | '\u{ffff}' => {}
        letter => to.push(letter),
    }
}
