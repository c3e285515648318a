//! Charts as inline SVG that needs no script: counts stacked by series, over time or by name. Owns
//! the drawing; colours are the page's, by class.

use std::fmt::Write as _;

use super::escape::html;
use super::grouped;

/// Stacked counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The title.
    pub title: String,
    /// How the counts are drawn.
    pub form: Form,
    /// What is stacked, from the bottom or the left.
    pub series: Vec<Series>,
    /// What is counted in each column or bar, a count for each series.
    pub points: Vec<Point>,
    /// What is marked above columns.
    pub bands: Vec<Band>,
    /// Said below the chart.
    pub note: Option<String>,
}

/// How counts are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A column each, in a row: for time.
    Columns,
    /// A labelled bar each, one below the other: for names.
    Bars,
}

/// What is stacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its name.
    pub name: &'static str,
    /// What it means for the reader.
    pub tone: Tone,
}

/// What a count means for the reader; the page gives each a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Went through.
    Good,
    /// Was refused.
    Bad,
    /// Waits for somebody.
    Open,
    /// Was stopped for other reasons than what it is.
    Stopped,
    /// None of these.
    Plain,
}

impl Tone {
    /// The class of elements of this tone.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Open => "open",
            Self::Stopped => "stopped",
            Self::Plain => "plain",
        }
    }
}

/// A column or a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Where it stands in time, or a name.
    pub label: String,
    /// A count for each series.
    pub counts: Vec<u64>,
}

/// A mark above some columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// The first and the last of the columns.
    pub columns: (usize, usize),
    /// What it marks.
    pub label: String,
}

const WIDTH: f64 = 960.0;
const COLUMNS_HEIGHT: f64 = 180.0;
const BAR_HEIGHT: f64 = 24.0;
const BAND_HEIGHT: f64 = 6.0;
const LABEL_WIDTH: f64 = 260.0;
const COUNT_WIDTH: f64 = 90.0;
/// Characters of a label that fit beside a bar.
const LABEL_CHARACTERS: usize = 32;

impl Point {
    fn total(&self) -> u64 {
        self.counts
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// The chart as an SVG element; empty if there is nothing to draw.
pub fn svg(chart: &Chart) -> String {
    let most = chart.points.iter().map(Point::total).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    match chart.form {
        Form::Columns => columns(chart, most),
        Form::Bars => bars(chart, most),
    }
}

fn columns(chart: &Chart, most: u64) -> String {
    // Marks have a strip of their own above the columns.
    let strip = if chart.bands.is_empty() {
        0.0
    } else {
        BAND_HEIGHT + 4.0
    };
    let floor = COLUMNS_HEIGHT + strip;
    let mut out = open(chart, floor + 20.0);
    let step = WIDTH / count(chart.points.len().max(8));
    for band in &chart.bands {
        let (first, last) = band.columns;
        let _ = write!(
            out,
            "<rect class=\"band\" x=\"{:.2}\" y=\"0\" width=\"{:.2}\" height=\"{BAND_HEIGHT}\">\
             <title>{}</title></rect>",
            step * count(first),
            step * (count(last.saturating_sub(first)) + 0.9),
            html(&band.label),
        );
    }
    for (index, point) in chart.points.iter().enumerate() {
        let x = step * count(index);
        let mut top = floor;
        for (series, &amount) in chart.series.iter().zip(&point.counts) {
            let height = COLUMNS_HEIGHT * share(amount, most);
            top -= height;
            rectangle(
                &mut out,
                series,
                point,
                amount,
                [x, top, step * 0.9, height],
            );
        }
    }
    let ends = [chart.points.first(), chart.points.last()];
    let anchors = [("start", 0.0), ("end", WIDTH)];
    let shown = if chart.points.len() > 1 { 2 } else { 1 };
    for (point, (anchor, x)) in ends.into_iter().flatten().zip(anchors).take(shown) {
        let label = html(&point.label);
        let y = floor + 15.0;
        let _ = write!(
            out,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{label}</text>"
        );
    }
    out.push_str("</svg>\n");
    out
}

fn bars(chart: &Chart, most: u64) -> String {
    let mut out = open(chart, BAR_HEIGHT * count(chart.points.len()));
    let room = WIDTH - LABEL_WIDTH - COUNT_WIDTH;
    for (index, point) in chart.points.iter().enumerate() {
        let y = BAR_HEIGHT * count(index);
        let mut x = LABEL_WIDTH;
        for (series, &amount) in chart.series.iter().zip(&point.counts) {
            let width = room * share(amount, most);
            let place = [x, y + 3.0, width, BAR_HEIGHT - 6.0];
            rectangle(&mut out, series, point, amount, place);
            x += width;
        }
        let baseline = y + BAR_HEIGHT * 0.7;
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{baseline:.1}\" text-anchor=\"end\">{}</text>\
             <text x=\"{:.1}\" y=\"{baseline:.1}\">{}</text>",
            LABEL_WIDTH - 8.0,
            html(&shortened(&point.label)),
            x + 6.0,
            grouped(point.total()),
        );
    }
    out.push_str("</svg>\n");
    out
}

fn open(chart: &Chart, height: f64) -> String {
    let title = html(&chart.title);
    format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\"><title>{title}</title>")
}

fn rectangle(out: &mut String, series: &Series, point: &Point, amount: u64, place: [f64; 4]) {
    if amount == 0 {
        return;
    }
    let [x, y, width, height] = place;
    let _ = write!(
        out,
        "<rect class=\"{}\" x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\">\
         <title>{}: {} {}</title></rect>",
        series.tone.class(),
        html(&point.label),
        grouped(amount),
        series.name,
    );
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LABEL_CHARACTERS {
        return label.to_owned();
    }
    let kept = label.chars().take(LABEL_CHARACTERS - 1);
    kept.chain(['…']).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a pixel needs no 53 bits")]
fn share(amount: u64, most: u64) -> f64 {
    amount as f64 / most as f64
}

#[expect(clippy::cast_precision_loss, reason = "a pixel needs no 53 bits")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(form: Form) -> Chart {
        Chart {
            title: "a <b>".to_owned(),
            form,
            series: vec![
                Series {
                    name: "ALLOW",
                    tone: Tone::Good,
                },
                Series {
                    name: "DENY",
                    tone: Tone::Bad,
                },
            ],
            points: vec![
                Point {
                    label: "x".to_owned(),
                    counts: vec![3, 1],
                },
                Point {
                    label: "<script>".to_owned(),
                    counts: vec![0, 2],
                },
            ],
            bands: Vec::new(),
            note: None,
        }
    }

    #[test]
    fn heights_and_widths_are_shares_of_the_most() {
        let columns = svg(&chart(Form::Columns));
        assert!(
            columns.contains("height=\"135.00\"><title>x: 3 ALLOW"),
            "{columns}"
        );
        assert!(
            columns.contains("y=\"0.00\""),
            "the tallest reaches the top"
        );
        assert_eq!(
            columns.matches("<rect").count(),
            3,
            "no rectangle of nothing"
        );
        let bars = svg(&chart(Form::Bars));
        assert!(
            bars.contains("x=\"260.00\" y=\"27.00\" width=\"305.00\""),
            "{bars}"
        );
    }

    #[test]
    fn bands_stand_above_their_columns() {
        let mut chart = chart(Form::Columns);
        chart.bands.push(Band {
            columns: (1, 1),
            label: "a <b>".to_owned(),
        });
        let svg = svg(&chart);
        assert!(
            svg.contains("class=\"band\" x=\"120.00\" y=\"0\" width=\"108.00\""),
            "{svg}"
        );
        assert!(!svg.contains("<b>") && svg.contains("y=\"10.00\""), "{svg}");
    }

    #[test]
    fn labels_are_text() {
        for form in [Form::Columns, Form::Bars] {
            let svg = svg(&chart(form));
            assert!(!svg.contains("<script>") && !svg.contains("<b>"), "{svg}");
        }
    }

    #[test]
    fn nothing_is_not_drawn() {
        let mut chart = chart(Form::Bars);
        chart.points.clear();
        assert_eq!(svg(&chart), "");
    }
}
