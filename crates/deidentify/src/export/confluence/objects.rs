//! The objects of an export's `entities.xml`, one after the other: `<object class="Page"><id name="id">…</id><property
//! name="title">…</property>…`. Collections and everything that nobody asks for are passed over.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use super::archive::{Entry, Unpacked};
use crate::export::ReadError;

/// The file that is read.
pub(super) const FILE: &str = "entities.xml";

/// Bytes of one object, and of anything that stands between two angle brackets; the largest page that Confluence keeps is a
/// sixth of it.
const LARGEST: usize = 32 * 1024 * 1024;

/// Elements in elements. An object's values stand in the fourth.
const DEEPEST: usize = 32;

const FOREIGN: &str = "this is not the XML of a Confluence space export";

/// The classes of objects that are read, each with the properties that are.
pub(super) type Wanted = &'static [(&'static str, &'static [&'static str])];

/// Values of an object that are not empty. A reference to another object is that object's id.
pub(super) struct Object {
    pub(super) class: &'static str,
    pub(super) id: String,
    /// Where it begins, from 1.
    pub(super) line: u64,
    /// Each once.
    values: Vec<(&'static str, String)>,
}

impl Object {
    pub(super) fn has(&self, property: &str) -> bool {
        self.values.iter().any(|(name, _)| *name == property)
    }

    pub(super) fn take(&mut self, property: &str) -> Option<String> {
        let at = self.values.iter().position(|(name, _)| *name == property)?;
        Some(self.values.swap_remove(at).1)
    }

    /// Bytes of its values.
    pub(super) fn size(&self) -> usize {
        self.id.len() + self.values.iter().map(|(_, value)| value.len()).sum::<usize>()
    }
}

/// Reads the objects of an export.
pub(super) struct Objects<'a> {
    xml: Reader<Unpacked<'a>>,
    wanted: Wanted,
    event: Vec<u8>,
    /// Elements that are open.
    depth: usize,
}

/// The value that is read, and in which element its text stands.
struct Reading {
    property: &'static str,
    depth: usize,
    text: String,
}

impl Reading {
    fn of(property: &'static str, depth: usize) -> Self {
        Self { property, depth, text: String::new() }
    }
}

impl<'a> Objects<'a> {
    pub(super) fn new(file: Entry<'a>, wanted: Wanted) -> Self {
        let mut xml = Reader::from_reader(file.unpacked());
        xml.config_mut().expand_empty_elements = true;
        Self { xml, wanted, event: Vec::new(), depth: 0 }
    }

    pub(super) fn next(&mut self) -> Result<Option<Object>, ReadError> {
        let mut object: Option<Object> = None;
        let mut reading: Option<Reading> = None;
        loop {
            self.event.clear();
            let line = self.xml.get_ref().line;
            let refuse = |what: &str| Err(ReadError { entry: Some(FILE), ..ReadError::in_line(line, what) });
            self.xml.get_mut().allow(LARGEST as u64);
            let event = match self.xml.read_event_into(&mut self.event) {
                Ok(event) => event,
                // The words of the XML library may repeat what stands there.
                Err(_) => return refuse(self.xml.get_ref().refused.unwrap_or("this is not valid XML")),
            };
            match event {
                Event::Start(start) => {
                    self.depth += 1;
                    match (self.depth, start.name().as_ref(), &mut object) {
                        (DEEPEST.., ..) => return refuse("elements are nested too deeply"),
                        (1, name, _) if name != "hibernate-generic" => return refuse(FOREIGN),
                        (2, "object", _) => {
                            let class = self.wanted.iter().find(|(class, _)| is(&start, "class", class));
                            let new = |class| Object { class, id: String::new(), line, values: Vec::new() };
                            object = class.map(|(class, _)| new(*class));
                        }
                        (3, "id", Some(_)) => reading = Some(Reading::of("id", 3)),
                        (3, "property", Some(object)) => {
                            let class = self.wanted.iter().find(|(class, _)| *class == object.class);
                            let property = class.and_then(|(_, all)| all.iter().find(|name| is(&start, "name", name)));
                            reading = property.map(|property| Reading::of(property, 3));
                        }
                        // What a property refers to; the text around it is white space.
                        (4, "id", _) => reading = reading.map(|reading| Reading::of(reading.property, 4)),
                        _ => {}
                    }
                }
                Event::End(_) => {
                    if self.depth == 3
                        && let (Some(object), Some(done)) = (&mut object, reading.take())
                    {
                        if done.property == "id" {
                            done.text.trim().clone_into(&mut object.id);
                        } else if !object.has(done.property) && !done.text.trim().is_empty() {
                            object.values.push((done.property, done.text));
                        }
                    }
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 1 && object.is_some() {
                        return Ok(object);
                    }
                }
                Event::Text(text) => add(&mut reading, self.depth, &text.xml10_content()),
                Event::CData(text) => add(&mut reading, self.depth, &text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let character = reference.resolve_char_ref().ok().flatten();
                    match (character, resolve_predefined_entity(&reference)) {
                        (Some(character), _) => add(&mut reading, self.depth, character.encode_utf8(&mut [0; 4])),
                        (None, Some(text)) => add(&mut reading, self.depth, text),
                        (None, None) => return refuse("an entity stands here that XML does not have"),
                    }
                }
                // Where entities of one's own are made, and with them files of one line that never end.
                Event::DocType(_) => return refuse("a document type stands here, which no Confluence export has"),
                Event::Eof if self.depth > 0 => return refuse("the file ends in the middle of an element"),
                Event::Eof => return Ok(None),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
            let read = reading.as_ref().map_or(0, |reading| reading.text.len());
            if read + object.as_ref().map_or(0, Object::size) > LARGEST {
                return refuse("the object that this belongs to is larger than 32 MB");
            }
        }
    }
}

/// Whether an attribute of an element has that value.
fn is(element: &BytesStart<'_>, attribute: &str, value: &str) -> bool {
    element.try_get_attribute(attribute).ok().flatten().is_some_and(|found| found.value.as_ref() == value)
}

fn add(reading: &mut Option<Reading>, depth: usize, text: &str) {
    if let Some(reading) = reading.as_mut().filter(|reading| reading.depth == depth) {
        reading.text.push_str(text);
    }
}
