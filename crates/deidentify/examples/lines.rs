use deidentify::*;
use std::io::{BufRead, Write};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut people = Vec::new();
    let mut format = Format::Text;
    let mut i = 1;
    let mut quiet = false;
    while i < args.len() {
        match args[i].as_str() {
            "--directory" => {
                i += 1;
                for line in std::fs::read_to_string(&args[i]).unwrap().lines() {
                    let v: serde_json::Value = serde_json::from_str(line).unwrap();
                    let s = |k: &str| v[k].as_str().map(|s| vec![s.to_owned()]).unwrap_or_default();
                    people.push(Person {
                        names: s("display_name"),
                        handles: s("username"),
                        emails: s("email"),
                        account_ids: vec![],
                    });
                }
            }
            "--format" => {
                i += 1;
                format = Format::parse(&args[i]).unwrap();
            }
            "--quiet" => quiet = true,
            _ => panic!(),
        }
        i += 1;
    }
    let directory: Directory = people.into_iter().collect();
    let t = std::time::Instant::now();
    let engine = Deidentifier::new(&directory, &Dictionary::default());
    eprintln!("built for {} people in {:?}", directory.len(), t.elapsed());
    let out = std::io::stdout().lock();
    let mut out = std::io::BufWriter::new(out);
    let lines: Vec<serde_json::Value> =
        std::io::stdin().lock().lines().map(|l| serde_json::from_str(&l.unwrap()).unwrap()).collect();
    let mut bytes = 0;
    let mut failed = 0;
    let t = std::time::Instant::now();
    let mut spent = std::time::Duration::ZERO;
    for v in &lines {
        let text = v["text"].as_str().unwrap();
        bytes += text.len();
        let t0 = std::time::Instant::now();
        let r = engine.item(&[Text { text, format }]);
        spent += t0.elapsed();
        let done = match r {
            Ok(mut d) => d.remove(0),
            Err(e) => {
                failed += 1;
                eprintln!("{} {e}", v["id"]);
                continue;
            }
        };
        if quiet {
            continue;
        }
        let cp = |at: usize| text[..at].chars().count();
        let spans: Vec<_> = done.findings.iter().map(|f| serde_json::json!({"start": cp(f.start), "end": cp(f.end), "label": f.kind.word(), "detector": f.detector, "score": f.score as f64 / 100.0})).collect();
        writeln!(out, "{}", serde_json::json!({"id": v["id"], "spans": spans, "redacted": done.text})).unwrap();
    }
    let _ = t;
    eprintln!("{bytes} bytes in {:?}: {:.1} MB/s, {failed} failed", spent, bytes as f64 / 1e6 / spent.as_secs_f64());
}
