//! The shapes that pictures are made of, as SVG.

use std::fmt::Write as _;

use super::fonts::{Fonts, Type};
use super::{HEIGHT, WIDTH};

/// The page's colours, of its light theme.
pub(super) const PAPER: &str = "#fbf6ec";
pub(super) const SUNKEN: &str = "#f0e5d2";
pub(super) const INK: &str = "#231a12";
pub(super) const MUTED: &str = "#685a4b";
pub(super) const ACCENT: &str = "#a83a1a";
pub(super) const MEDALS: [&str; 3] = ["#f2b93b", "#c9ccd4", "#dd9a6a"];
pub(super) const OTHERS: &str = "#8b8177";
pub(super) const SLOTS: [&str; 5] = ["#2a6ab0", "#d2601a", "#2c8a58", "#b5417c", "#9c7608"];

const ICON: &str = "<rect width=\"32\" height=\"32\" rx=\"8\" fill=\"#b3401f\"/>\
                    <path d=\"M12 10h8v16h-8z\" fill=\"#fff6e6\"/>\
                    <path d=\"M4 16h7v10H4z\" fill=\"#f2c572\"/>\
                    <path d=\"M21 19h7v7h-7z\" fill=\"#e59a6f\"/>";

/// Where a text begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A rectangle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// A picture that is being made.
pub(super) struct Canvas<'a> {
    fonts: &'a Fonts,
    svg: String,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(fonts: &'a Fonts) -> Self {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\">"
        );
        let _ = write!(svg, "<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{PAPER}\"/>");
        Self { fonts, svg }
    }

    pub(super) fn finish(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }

    pub(super) fn icon(&mut self, x: f32, y: f32, size: f32) {
        let scale = size / 32.0;
        let _ = write!(self.svg, "<g transform=\"translate({x} {y}) scale({scale})\">{ICON}</g>");
    }

    pub(super) fn fill(&mut self, area: Area, radius: f32, colour: &str) {
        let Area { x, y, width, height } = area;
        let _ = write!(
            self.svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\" \
             fill=\"{colour}\"/>"
        );
    }

    /// A text on a line; what does not fit into `most` pixels ends with dots. Tells how wide it is.
    pub(super) fn text(
        &mut self,
        (x, y): (f32, f32),
        anchor: Anchor,
        look: Type,
        colour: &str,
        (text, most): (&str, f32),
    ) -> f32 {
        let (spans, width) = self.fonts.fitted(text, look, most);
        // By hand, since an anchor of SVG turns round for texts from right to left.
        let x = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        let _ = write!(
            self.svg,
            "<text xml:space=\"preserve\" x=\"{x}\" y=\"{y}\" font-size=\"{}\" \
             font-weight=\"{}\" fill=\"{colour}\">{spans}</text>",
            look.size, look.weight,
        );
        width
    }
}
