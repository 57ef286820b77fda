//! Pictures of what links lead to, for chats and networks that show one beside a link.
//!
//! A picture is laid out as SVG and drawn as PNG. Nothing here knows HTTP or the store.

mod canvas;
mod fonts;
mod layout;
mod words;

use resvg::{tiny_skia, usvg};

use crate::services::Preview;
use fonts::Fonts;

/// Pixels from left to right: what networks ask for.
pub const WIDTH: u32 = 1_200;
/// Pixels from top to bottom.
pub const HEIGHT: u32 = 630;

/// Draws pictures.
#[derive(Debug)]
pub struct Artist(Fonts);

/// A picture that could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the picture could not be drawn: {0}")]
pub struct DrawError(String);

impl Artist {
    /// With the page's fonts as WOFF2 and, for letters that these lack, the system's; nothing where
    /// there is no font of the page.
    pub fn new(fonts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Option<Self> {
        Fonts::load(fonts).map(Self)
    }

    /// The picture as PNG. Takes some ten milliseconds of a processor.
    pub fn draw(&self, preview: &Preview) -> Result<Vec<u8>, DrawError> {
        let svg = layout::picture(&self.0, preview);
        let told = |error: &dyn std::fmt::Display| DrawError(error.to_string());
        let tree = usvg::Tree::from_str(&svg, self.0.options()).map_err(|error| told(&error))?;
        let mut pixels = tiny_skia::Pixmap::new(WIDTH, HEIGHT)
            .ok_or_else(|| DrawError("there is no memory for it".to_owned()))?;
        resvg::render(&tree, tiny_skia::Transform::default(), &mut pixels.as_mut());
        pixels.encode_png().map_err(|error| told(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::{PreviewContent, Ranked};
    use crate::usage::{Day, DayRange, Measure, Value};

    fn board(names: &[&str]) -> Preview {
        let ranked = names.iter().enumerate().map(|(place, name)| Ranked {
            place,
            name: (*name).to_owned(),
            rank: place + 1,
            value: 1_000_000.0 / (place + 1) as f64,
        });
        let day = Day::parse("2026-11-24").expect("a day");
        Preview {
            measure: Measure::named("tokens").expect("a measure"),
            days: DayRange::single(day),
            tz: "Europe/Berlin".to_owned(),
            now: "2026-11-24T12:00:00Z".parse().expect("a time"),
            complete: false,
            content: PreviewContent::Board {
                ranked: ranked.collect(),
                total: Value::Count(12_345_678),
            },
        }
    }

    /// Nothing without the page, which brings the font.
    fn artist() -> Option<Artist> {
        Artist::new(web_assets::fonts())
    }

    /// What is written on a picture, a line each.
    fn written(artist: &Artist, preview: &Preview) -> Vec<String> {
        let svg = layout::picture(&artist.0, preview);
        let texts = svg.split("<text ").skip(1).map(|text| {
            let text = text.split("</text>").next().unwrap_or_default();
            text.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect()
        });
        texts.collect()
    }

    #[test]
    fn a_board_says_who_used_how_much_and_when_that_was() {
        let Some(artist) = artist() else { return };
        let told = written(&artist, &board(&["Alpha", "Beta"]));
        for line in [
            "Leaderboard by tokens",
            "12,345,678 in all",
            "Alpha",
            "1,000,000",
            "Beta",
            "500,000",
            "Tue, 24 Nov 2026 · Europe/Berlin",
            "As of 24 Nov 2026, 12:00 UTC · not complete",
        ] {
            assert!(told.iter().any(|told| told == line), "{line}: {told:?}");
        }
        let seven = written(&artist, &board(&["a", "b", "c", "d", "e", "f", "g"]));
        assert!(seven.iter().any(|told| told == "and 2 more teams"), "{seven:?}");
        assert!(!seven.iter().any(|told| told == "f"), "{seven:?}");
    }

    #[test]
    fn any_name_can_be_drawn() {
        let Some(artist) = artist() else { return };
        let long = "W".repeat(300);
        let names = [
            "</text><script>x</script>&amp;\u{0}\u{b}",
            &long,
            "مرحبا Łódź",
            "日本 \u{fffe}🚀",
            "",
        ];
        let preview = board(&names);
        let told = written(&artist, &preview);
        assert!(
            told.iter().any(|told| told == "&lt;/text&gt;&lt;script&gt;x&lt;/script&gt;&amp;amp;")
        );
        let cut = told.iter().find(|told| told.starts_with("WWW")).expect("the long name");
        assert!(cut.ends_with("W…") && cut.chars().count() < 60, "{cut}");
        assert!(told.iter().any(|told| told.ends_with("Łódź")), "{told:?}");
        let png = artist.draw(&preview).expect("a picture");
        assert_eq!(&png[1..4], b"PNG");
        let size = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
        assert_eq!((size(16), size(20)), (WIDTH, HEIGHT));
    }

    #[test]
    fn fonts_that_are_none_are_left_out() {
        assert!(Artist::new([b"wOF2 nonsense".as_slice()]).is_none());
        assert!(Artist::new(Vec::<Vec<u8>>::new()).is_none());
    }
}
