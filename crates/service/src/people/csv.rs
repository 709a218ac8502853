//! Reads people out of a CSV file: our own four columns, or what Jira's and Atlassian's user exports call them.
//!
//! A file is taken as a whole or not at all. What is wrong with it is said by line and column, and never repeats a value.

use std::collections::HashMap;

use deidentify::Person;
use language::t;

use super::MOST_PEOPLE;
use crate::terms::tidy;

/// Faults that are told at once.
const FAULTS_SHOWN: usize = 10;

/// Characters of a value.
const LONGEST: usize = 250;

const COLUMNS: &str = "username, display_name, email, account_id";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Column {
    Handle,
    Name,
    Email,
    AccountId,
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Handle => t!("username"),
            Self::Name => t!("display name"),
            Self::Email => t!("e-mail address"),
            Self::AccountId => t!("account id"),
        }
    }
}

/// What a heading says, whatever its case and its signs.
fn column(heading: &str, has_user_id: bool) -> Option<Column> {
    let plain: String = heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match plain.as_str() {
        // Where Atlassian exports a “User id”, its “User name” is the name that people see.
        "username" if has_user_id && heading.trim().contains(' ') => Some(Column::Name),
        "username" | "login" | "loginname" | "handle" | "userkey" => Some(Column::Handle),
        "displayname" | "fullname" | "name" => Some(Column::Name),
        "email" | "emailaddress" | "mail" => Some(Column::Email),
        "accountid" | "userid" | "atlassianid" | "atlassianaccountid" => Some(Column::AccountId),
        _ => None,
    }
}

/// A cell and where it begins.
struct Cell {
    text: String,
    column: usize,
}

/// A line of cells.
struct Row {
    line: usize,
    cells: Vec<Cell>,
}

/// The people of a file.
///
/// # Errors
/// Up to ten sentences, each with line and column and what to do.
pub fn read(bytes: &[u8]) -> Result<Vec<Person>, Vec<String>> {
    let text = decoded(bytes).map_err(|fault| vec![fault])?;
    let mut rows = rows(&text).map_err(|fault| vec![fault])?.into_iter();
    let Some(head) = rows.next() else {
        return Err(vec![t!("The file is empty. Its first line names the columns: {columns}.", columns = COLUMNS)]);
    };
    let columns = columns(&head).map_err(|fault| vec![fault])?;

    let mut people = Vec::new();
    let mut faults = Vec::new();
    let mut seen: HashMap<(Column, String), usize> = HashMap::new();
    for row in rows {
        if people.len() == MOST_PEOPLE {
            faults.push(t!(
                "The file has more than {most} people. Export those who still work here, or only those who write.",
                most = language::count(MOST_PEOPLE)
            ));
            break;
        }
        match person(&row, &head, &columns, &mut seen) {
            Ok(person) => people.push(person),
            Err(fault) => faults.push(fault),
        }
        if faults.len() > FAULTS_SHOWN {
            break;
        }
    }
    if faults.is_empty() && people.is_empty() {
        faults.push(t!("The file names its columns and then nobody. Export at least one person.").to_owned());
    }
    if faults.len() > FAULTS_SHOWN {
        faults.truncate(FAULTS_SHOWN);
        faults.push(t!("There are more; these are the first ten.").to_owned());
    }
    if faults.is_empty() { Ok(people) } else { Err(faults) }
}

/// UTF-8, or UTF-16 if it begins with its mark.
fn decoded(bytes: &[u8]) -> Result<String, String> {
    let utf16 = |units: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units = bytes.chunks_exact(2).map(|pair| units([pair[0], pair[1]]));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        match text {
            Ok(text) if bytes.len().is_multiple_of(2) => Ok(text),
            _ => Err(t!("The file begins as UTF-16 but is not. Save it as UTF-8.").to_owned()),
        }
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => utf16(u16::from_be_bytes, rest),
        _ => {
            let text = std::str::from_utf8(bytes).map_err(|error| {
                let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
                t!("Line {line} is not UTF-8 text. Save the file as UTF-8.", line)
            })?;
            Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
        }
    }
}

/// Whichever of comma and semicolon the first line has more of.
fn delimiter(text: &str) -> char {
    let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |sign: char| head.chars().filter(|c| *c == sign).count();
    if count(';') > count(',') { ';' } else { ',' }
}

/// Every line that is not blank. A cell in quotation marks may go on over lines.
fn rows(text: &str) -> Result<Vec<Row>, String> {
    let delimiter = delimiter(text);
    let mut rows = Vec::new();
    let (mut line, mut column) = (1, 1);
    let mut row = Row { line: 1, cells: Vec::new() };
    let mut chars = text.chars().peekable();
    while chars.peek().is_some() {
        let at = (line, column);
        let mut cell = String::new();
        if chars.next_if_eq(&'"').is_some() {
            column += 1;
            loop {
                let Some(c) = chars.next() else {
                    return Err(t!(
                        "Line {line}, column {column}: a quotation mark is opened here and never closed. Close it, or double it if it is meant.",
                        line = at.0,
                        column = at.1
                    ));
                };
                column += 1;
                if c == '\n' {
                    (line, column) = (line + 1, 1);
                }
                if c != '"' {
                    cell.push(c);
                } else if chars.next_if_eq(&'"').is_some() {
                    column += 1;
                    cell.push('"');
                } else {
                    break;
                }
            }
            chars.next_if(|c| *c == '\r');
            if chars.peek().is_some_and(|c| *c != delimiter && *c != '\n') {
                return Err(t!(
                    "Line {line}, column {column}: the value goes on after its closing quotation mark. Double a quotation mark that is meant.",
                    line,
                    column
                ));
            }
        } else {
            while let Some(c) = chars.next_if(|c| *c != delimiter && *c != '\n') {
                column += 1;
                cell.push(c);
            }
        }
        row.cells.push(Cell { text: tidy(&cell), column: at.1 });
        if chars.next_if_eq(&delimiter).is_some() {
            column += 1;
            // A delimiter at the very end of the file stands before one more, empty cell.
            if chars.peek().is_some() {
                continue;
            }
            row.cells.push(Cell { text: String::new(), column });
        }
        chars.next_if_eq(&'\n');
        (line, column) = (line + 1, 1);
        if row.cells.iter().any(|cell| !cell.text.is_empty()) {
            rows.push(row);
        }
        row = Row { line, cells: Vec::new() };
    }
    Ok(rows)
}

/// What each column of the file says, if it is of use.
fn columns(head: &Row) -> Result<Vec<Option<Column>>, String> {
    let has_user_id = head.cells.iter().any(|cell| column(&cell.text, false) == Some(Column::AccountId));
    let columns: Vec<_> = head.cells.iter().map(|cell| column(&cell.text, has_user_id)).collect();
    if columns.iter().all(Option::is_none) {
        return Err(t!(
            "Line {line}: no column is known. Name at least one of {columns} in the first line, separated by commas or semicolons.",
            line = head.line,
            columns = COLUMNS
        ));
    }
    for (place, one) in columns.iter().enumerate() {
        if let Some(one) = one
            && columns[..place].contains(&Some(*one))
        {
            return Err(t!(
                "Line {line}, column {column}: there are two columns with a {what}. Remove one of them.",
                line = head.line,
                column = head.cells[place].column,
                what = one.name()
            ));
        }
    }
    Ok(columns)
}

fn person(
    row: &Row,
    head: &Row,
    columns: &[Option<Column>],
    seen: &mut HashMap<(Column, String), usize>,
) -> Result<Person, String> {
    let line = row.line;
    if row.cells.len() != head.cells.len() {
        return Err(t!(
            "Line {line} has {values} values, and the first line names {columns}. Put a value that holds the separator in quotation marks.",
            line,
            values = row.cells.len(),
            columns = head.cells.len()
        ));
    }
    let mut person = Person::default();
    for (cell, of) in row.cells.iter().zip(columns) {
        let Some(of) = of else { continue };
        if cell.text.is_empty() {
            continue;
        }
        let (column, what) = (cell.column, of.name());
        let count = cell.text.chars().count();
        if count > LONGEST {
            return Err(t!(
                "Line {line}, column {column}: the {what} has {count} characters; {most} fit. Shorten it.",
                line,
                column,
                what,
                count,
                most = LONGEST
            ));
        }
        if cell.text.chars().any(char::is_control) {
            return Err(t!(
                "Line {line}, column {column}: the {what} holds a control character. Type it again.",
                line,
                column,
                what
            ));
        }
        if *of == Column::Email && !cell.text.contains('@') {
            return Err(t!(
                "Line {line}, column {column}: the e-mail address has no @. Correct it, or leave it empty.",
                line,
                column
            ));
        }
        if matches!(of, Column::Handle | Column::AccountId)
            && let Some(first) = seen.insert((*of, cell.text.to_lowercase()), line)
        {
            return Err(t!(
                "Line {line}, column {column}: the same {what} stands in line {first}. Remove one of the two lines.",
                line,
                column,
                what,
                first
            ));
        }
        match of {
            Column::Handle => &mut person.handles,
            Column::Name => &mut person.names,
            Column::Email => &mut person.emails,
            Column::AccountId => &mut person.account_ids,
        }
        .push(cell.text.clone());
    }
    if person == Person::default() {
        return Err(t!(
            "Line {line} names nobody: all of {columns} are empty. Remove the line.",
            line,
            columns = COLUMNS
        ));
    }
    Ok(person)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(text: &str) -> Vec<[String; 4]> {
        let joined = |list: &[String]| list.join("+");
        read(text.as_bytes())
            .unwrap_or_else(|faults| vec![Person { names: faults, ..Person::default() }])
            .iter()
            .map(|p| [joined(&p.handles), joined(&p.names), joined(&p.emails), joined(&p.account_ids)])
            .collect()
    }

    fn faults(text: impl AsRef<[u8]>) -> String {
        read(text.as_ref()).unwrap_err().join("\n")
    }

    #[test]
    fn headings_come_in_any_order_case_and_spelling() {
        let expected = [["ines".to_owned(), "Ines Okafor".to_owned(), "ines@a.example".to_owned(), "5b1".to_owned()]];
        for text in [
            "username,display_name,email,account_id\nines,Ines Okafor,ines@a.example,5b1\n",
            "ACCOUNT_ID;EMAIL;Display Name;UserName\r\n5b1;ines@a.example;Ines Okafor;ines",
            "\u{feff}Username,Full Name,Email,Status,Account ID\nines,\"Ines  Okafor\",ines@a.example,\"a, b\",5b1\n\n",
        ] {
            assert_eq!(people(text), expected, "{text}");
        }
        let site = "User id,User name,email,User status\n5b1,\"Okafor, Ines\",ines@a.example,Active\n";
        let expected = [[String::new(), "Okafor, Ines".to_owned(), "ines@a.example".to_owned(), "5b1".to_owned()]];
        assert_eq!(people(site), expected);
        assert_eq!(people("Name,Atlassian ID\nIA,5b1\n"), [["", "IA", "", "5b1"]]);
        assert_eq!(
            people("Username;Full Name;Email\nines;\"Ines \"\"I\"\" Okafor\nJr\";\n"),
            [["ines", "Ines \"I\" Okafor Jr", "", ""]]
        );
    }

    #[test]
    fn utf_16_is_read_by_its_mark() {
        let text = "username,display_name\nzoe,Zoë 李\n";
        for (mark, bytes) in [([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]), ([0xfe, 0xff], u16::to_be_bytes)]
        {
            let file: Vec<u8> = mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect();
            assert_eq!(read(&file).unwrap()[0].names, ["Zoë 李"]);
            assert!(faults(&file[..file.len() - 1]).contains("UTF-16"));
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let head = "username,display_name,email\n";
        for (text, said) in [
            (String::new(), "The file is empty."),
            ("\n \n,,\n".to_owned(), "The file is empty."),
            ("a,b\nc,d\n".to_owned(), "Line 1: no column is known. Name at least one of username"),
            ("username,login\na,b\n".to_owned(), "Line 1, column 10: there are two columns with a username."),
            (head.to_owned(), "names its columns and then nobody"),
            (format!("{head}a,b\n"), "Line 2 has 2 values, and the first line names 3."),
            (format!("{head}a,b,c@d,e\n"), "Line 2 has 4 values"),
            (format!("{head}a,b,\nq,r,s\n"), "Line 3, column 5: the e-mail address has no @."),
            (format!("{head}\"a\nb\",c,\nd,\"e,\n"), "Line 4, column 3: a quotation mark is opened here"),
            (format!("{head}\"a\"b,c,d\n"), "Line 2, column 4: the value goes on after its closing quotation mark."),
            (format!("{head}a,b,\nA,c,\n"), "Line 3, column 1: the same username stands in line 2."),
            (
                format!("{head}a,{},\n", "x".repeat(251)),
                "Line 2, column 3: the display name has 251 characters; 250 fit.",
            ),
            (format!("{head}a,b\u{1b}[31m,\n"), "Line 2, column 3: the display name holds a control character."),
            ("email,status\na@b,1\n,2\n".to_owned(), "Line 3 names nobody"),
        ] {
            let faults = faults(&text);
            assert!(faults.contains(said), "{text:?}: {faults}");
            assert!(!faults.contains("xxx") && !faults.contains('\u{1b}'), "no value is repeated");
        }
        assert!(faults(b"username\nok\na\xffb\n").contains("Line 3 is not UTF-8 text."));
    }

    #[test]
    fn every_bad_line_is_told_up_to_ten() {
        let lines: String = (0..8).map(|n| format!("u{n},x\n")).collect();
        let three = faults(format!("username,email\n{lines}"));
        assert_eq!(three.lines().count(), 8);
        let lines: String = (0..30).map(|n| format!("u{n},x\n")).collect();
        let many = faults(format!("username,email\n{lines}"));
        assert_eq!(many.lines().count(), 11);
        assert!(many.ends_with("these are the first ten."));
    }

    #[test]
    fn a_file_has_its_limit() {
        let lines: String = (0..=MOST_PEOPLE).map(|n| format!("user{n}\n")).collect();
        assert!(faults(format!("username\n{lines}")).contains("more than 100,000 people"));
        let lines: String = (0..MOST_PEOPLE).map(|n| format!("user{n}\n")).collect();
        assert_eq!(read(format!("username\n{lines}").as_bytes()).unwrap().len(), MOST_PEOPLE);
    }
}
