//! Charts, drawn on the server as SVG: columns over time and bars side by side.
//!
//! A chart is one picture with a title and a description. It says nothing that the table beside it does not say, so it is
//! hidden from nobody by being a picture. Places along the width are per cent, so a chart fits a page of any width and its
//! words keep their size. Colours come from the style sheet; what is told apart by colour is told apart by hatching as well.

use leptos::prelude::*;

/// Gridlines above the bottom one, at most.
const MOST_TICKS: i64 = 4;
/// Words under the columns, at most: more do not fit a narrow page.
const MOST_WORDS: usize = 4;
/// Of the plot, in pixels.
const HEIGHT: f64 = 160.0;
/// The part of the width that is left to the numbers of the gridlines.
const PLOT: f64 = 92.0;
/// Of a line of bars: its words, the bar, and the gap to the next.
const LINE: f64 = 40.0;

/// One column or bar, with a value for each of the chart's series.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub label: String,
    pub values: Vec<i64>,
}

impl Bar {
    fn total(&self) -> i64 {
        self.values.iter().map(|value| (*value).max(0)).fold(0, i64::saturating_add)
    }

    /// `17 Aug 2026: 12 metadata, 3 in-app data`
    fn told(&self, series: &[&str]) -> String {
        let values: Vec<String> = match (series, self.values.as_slice()) {
            ([_], [value]) => vec![language::count(*value)],
            _ => self
                .values
                .iter()
                .zip(series)
                .map(|(value, name)| format!("{} {name}", language::count(*value)))
                .collect(),
        };
        format!("{}: {}", self.label, values.join(", "))
    }
}

/// What a chart is called and says, for whoever does not see it.
#[derive(Clone, Debug)]
pub(crate) struct Words<'a> {
    /// Unlike that of any other chart on the page.
    pub id: &'a str,
    pub title: &'a str,
    pub description: String,
    /// What each value of a bar is.
    pub series: &'a [&'a str],
    /// Its bars are called as people called what they are of.
    pub of_names: bool,
}

/// The values of the gridlines, from 0 to one that nothing exceeds: whole steps of 1, 2 or 5 times a power of ten.
fn ticks(most: i64) -> Vec<i64> {
    let most = most.max(1);
    let mut power: i64 = 1;
    let step = loop {
        let fits = [1, 2, 5]
            .into_iter()
            .map(|of| power.saturating_mul(of))
            .find(|step| most <= step.saturating_mul(MOST_TICKS));
        match fits {
            Some(step) => break step,
            None => power = power.saturating_mul(10),
        }
    };
    let last = (most - 1) / step + 1;
    (0..=last).map(|at| step.saturating_mul(at)).collect()
}

/// A number in little room: `950`, `12 k`, `1.5 M`.
fn compact(value: i64) -> String {
    let in_units = |unit: i64, name: &str| {
        let tenths = value / (unit / 10);
        match tenths % 10 {
            0 => format!("{} {name}", tenths / 10),
            tenth => format!("{}.{tenth} {name}", tenths / 10),
        }
    };
    match value {
        ..10_000 => language::count(value),
        10_000..1_000_000 => in_units(1_000, "k"),
        1_000_000..1_000_000_000 => in_units(1_000_000, "M"),
        _ => in_units(1_000_000_000, "bn"),
    }
}

/// How much of `whole` a value is, from 0 to `to`.
#[expect(clippy::cast_precision_loss, reason = "a place on a screen is no more exact")]
fn part_of(value: i64, whole: i64, to: f64) -> f64 {
    if whole <= 0 { 0.0 } else { (value.max(0) as f64 / whole as f64 * to).min(to) }
}

/// Which columns have their words under them: the first, the last, and some between at even distances.
fn worded(columns: usize) -> Vec<usize> {
    let gaps = MOST_WORDS.min(columns).saturating_sub(1);
    if gaps == 0 {
        return (0..columns).collect();
    }
    (0..=gaps).map(|at| at * (columns - 1) / gaps).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a page has few columns")]
fn place(at: usize, of: usize) -> f64 {
    PLOT * at as f64 / of.max(1) as f64
}

fn percent(value: f64) -> String {
    format!("{value:.3}%")
}

fn pixels(value: f64) -> String {
    format!("{value:.1}")
}

/// Columns side by side, each with its series one on top of the other.
pub(crate) fn columns(words: &Words<'_>, bars: &[Bar]) -> AnyView {
    let lines = ticks(bars.iter().map(Bar::total).max().unwrap_or_default());
    let top = lines.last().copied().unwrap_or(1);
    let height = |value: i64| part_of(value, top, HEIGHT);
    let grid = lines
        .iter()
        .map(|line| {
            let y = pixels(8.0 + HEIGHT - height(*line));
            let under = pixels(8.0 + HEIGHT - height(*line) + 4.0);
            view! {
                <line class="chart-line" x1="0" x2=percent(PLOT) y1=y.clone() y2=y></line>
                <text class="chart-word" x=percent(PLOT + 1.0) y=under text-anchor="start">{compact(*line)}</text>
            }
        })
        .collect_view();
    let width = place(1, bars.len());
    let drawn = bars
        .iter()
        .enumerate()
        .filter(|(_, bar)| bar.total() > 0)
        .map(|(at, bar)| {
            let x = percent(place(at, bars.len()) + width * 0.1);
            let mut bottom = 8.0 + HEIGHT;
            let parts = bar
                .values
                .iter()
                .enumerate()
                .map(|(series, value)| {
                    // Little is not nothing: a value that is there is seen.
                    let tall = if *value > 0 { height(*value).max(1.0) } else { 0.0 };
                    bottom -= tall;
                    rect(words.id, series, x.clone(), pixels(bottom), percent(width * 0.8), pixels(tall))
                })
                .collect_view();
            view! { <g><title>{bar.told(words.series)}</title>{parts}</g> }
        })
        .collect_view();
    let shown = worded(bars.len());
    let under = shown
        .iter()
        .filter_map(|at| Some((*at, bars.get(*at)?)))
        .map(|(at, bar)| {
            let (anchor, x) = match at {
                0 if bars.len() > 1 => ("start", 0.0),
                last if bars.len() > 1 && last + 1 == bars.len() => ("end", PLOT),
                _ => ("middle", place(at, bars.len()) + width / 2.0),
            };
            view! { <text class="chart-word" x=percent(x) y=pixels(HEIGHT + 26.0) text-anchor=anchor>{bar.label.clone()}</text> }
        })
        .collect_view();
    picture(words, HEIGHT + 32.0, view! { {grid}{drawn}{under} }.into_any())
}

/// Lines of words with a bar under each, the longest as wide as the page.
pub(crate) fn bars(words: &Words<'_>, bars: &[Bar]) -> AnyView {
    let most = bars.iter().map(Bar::total).max().unwrap_or_default();
    let mut top = 0.0;
    let drawn = bars
        .iter()
        .map(|bar| {
            let (word, y) = (pixels(top + 14.0), pixels(top + 20.0));
            top += LINE;
            let mut left = 0.0;
            let parts = bar
                .values
                .iter()
                .enumerate()
                .map(|(series, value)| {
                    let wide = part_of(*value, most, 100.0);
                    let x = percent(left);
                    left += wide;
                    rect(words.id, series, x, y.clone(), percent(wide), pixels(10.0))
                })
                .collect_view();
            view! {
                <g>
                    <title>{bar.told(words.series)}</title>
                    <text class="chart-name" x="0" y=word.clone() translate=words.of_names.then_some("no")>{shortened(&bar.label)}</text>
                    <text class="chart-word" x="100%" y=word text-anchor="end">{language::count(bar.total())}</text>
                    {parts}
                </g>
            }
        })
        .collect_view();
    picture(words, top, drawn.into_any())
}

/// What fits beside a number on a narrow page.
fn shortened(label: &str) -> String {
    const FIT: usize = 34;
    if label.chars().count() <= FIT {
        return label.to_owned();
    }
    label.chars().take(FIT - 1).chain(['…']).collect()
}

/// The second series is hatched as well as coloured.
fn rect(id: &str, series: usize, x: String, y: String, width: String, height: String) -> AnyView {
    if series == 0 {
        return view! { <rect class="chart-first" x=x y=y width=width height=height></rect> }.into_any();
    }
    view! { <rect class="chart-second" fill=format!("url(#{id}-hatch)") x=x y=y width=width height=height></rect> }
        .into_any()
}

fn picture(words: &Words<'_>, height: f64, drawn: AnyView) -> AnyView {
    let Words { id, title, description, series, .. } = words;
    let (title_id, description_id) = (format!("{id}-title"), format!("{id}-description"));
    let labelled = format!("{title_id} {description_id}");
    let hatch = (series.len() > 1).then(|| {
        view! {
            <pattern id=format!("{id}-hatch") width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect class="chart-hatch-ground" width="5" height="5"></rect>
                <rect class="chart-hatch" width="2.5" height="5"></rect>
            </pattern>
        }
    });
    view! {
        <svg class="chart" role="img" aria-labelledby=labelled width="100%" height=pixels(height) focusable="false">
            <title id=title_id>{(*title).to_owned()}</title>
            <desc id=description_id>{description.clone()}</desc>
            {hatch}
            {drawn}
        </svg>
    }
    .into_any()
}

/// What the series of a chart look like.
pub(crate) fn legend(series: &[&'static str]) -> AnyView {
    let marks = series
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let class = if at == 0 { "chart-mark" } else { "chart-mark chart-mark-second" };
            view! { <li><span class=class aria-hidden="true"></span>{*name}</li> }
        })
        .collect_view();
    view! { <ul class="chart-legend">{marks}</ul> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gridlines_are_round_and_nothing_exceeds_them() {
        assert_eq!(ticks(0), [0, 1]);
        assert_eq!(ticks(1), [0, 1]);
        assert_eq!(ticks(4), [0, 1, 2, 3, 4]);
        assert_eq!(ticks(5), [0, 2, 4, 6]);
        assert_eq!(ticks(17), [0, 5, 10, 15, 20]);
        assert_eq!(ticks(1_204), [0, 500, 1_000, 1_500]);
        for most in (0..400).chain([999_999, 1_000_001, i64::MAX / 3, i64::MAX]) {
            let lines = ticks(most);
            assert!(lines.len() >= 2 && lines.len() <= 5, "{most}: {lines:?}");
            assert!(*lines.last().unwrap() >= most, "{most}: {lines:?}");
            assert!(lines.is_sorted_by(|a, b| a < b), "{most}: {lines:?}");
        }
    }

    #[test]
    fn numbers_fit_beside_the_plot() {
        let all = [0, 950, 9_999, 10_000, 15_500, 999_999, 1_500_000, 2_000_000_000];
        let said = ["0", "950", "9,999", "10 k", "15.5 k", "999.9 k", "1.5 M", "2 bn"];
        assert_eq!(all.map(compact), said);
    }

    #[test]
    fn parts_stay_within_the_whole() {
        assert_eq!(part_of(5, 0, 100.0), 0.0);
        assert_eq!(part_of(-5, 10, 100.0), 0.0);
        assert_eq!(part_of(5, 10, 100.0), 50.0);
        assert_eq!(part_of(i64::MAX, 10, 100.0), 100.0);
    }

    #[test]
    fn words_stand_under_the_first_and_the_last_column() {
        assert!(worded(0).is_empty());
        assert_eq!(worded(1), [0]);
        assert_eq!(worded(2), [0, 1]);
        assert_eq!(worded(30), [0, 9, 19, 29]);
    }

    fn drawn(bars: &[Bar]) -> String {
        let words = Words {
            id: "days",
            title: "Records by day",
            description: "None.".into(),
            series: &["metadata", "in-app"],
            of_names: false,
        };
        let owner = Owner::new();
        owner.with(|| columns(&words, bars).to_html() + &super::bars(&words, bars).to_html())
    }

    #[test]
    fn a_chart_is_a_picture_with_a_title_whatever_is_in_it() {
        let bar = |label: &str, values: [i64; 2]| Bar { label: label.to_owned(), values: values.to_vec() };
        let many: Vec<Bar> = (0..366).map(|day| bar(&day.to_string(), [day, 1])).collect();
        for bars in [
            vec![],
            vec![bar("One", [3, 0])],
            vec![bar("<None> & \"all\"", [0, 0])],
            vec![bar("Huge", [i64::MAX, i64::MAX])],
            many,
        ] {
            let html = drawn(&bars);
            assert_eq!(html.matches("<svg").count(), 2);
            assert_eq!(html.matches("role=\"img\"").count(), 2);
            assert!(html.contains("<title id=\"days-title\">Records by day</title>"), "{html}");
            assert!(html.contains("<desc id=\"days-description\">None.</desc>"), "{html}");
            assert!(
                !html.contains("NaN") && !html.contains("inf") && !html.contains("<None>") && !html.contains("style=")
            );
        }
    }

    #[test]
    fn a_bar_says_what_it_shows() {
        let bar = Bar { label: "17 Aug 2026".into(), values: vec![1_200, 3] };
        assert_eq!(bar.told(&["metadata", "in-app data"]), "17 Aug 2026: 1,200 metadata, 3 in-app data");
        assert!(drawn(&[bar]).contains("<title>17 Aug 2026: 1,200 metadata, 3 in-app</title>"));
    }
}
