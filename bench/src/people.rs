//! Made-up people for the directory: first names and family names put together.

use std::ops::Range;

use deidentify::Person;

const GIVEN: &str = "Abena Achim Adaeze Aisling Akira Alma Amadou Anneke Annika Anselm Arjun Astrid Aurelio Ayumi Beatriz Benedek \
    Bettina Birgit Bogdan Bram Brigid Camille Carlota Casper Catalina Chiara Cosima Dagny Dariusz Deepa Dilnoza Dorothea Eamon \
    Edda Eeva Ekaterina Elif Emeka Emilia Enrique Esra Fabienne Farouk Fatima Ferenc Fiammetta Florian Freya Gaspard Gennaro \
    Gerda Giulia Grace Gudrun Hamza Hana Haruki Hedwig Henning Hiroshi Idris Ilse Imani Ines Ingrid Isolde Ivana Jadwiga Jaroslav \
    Jasmin Joaquim Jorge Kaveh Keiko Khadija Kirsten Klara Kwame Lamia Leocadia Leopold Liesbeth Linnea Lucja Magnus Mairead \
    Malik Marguerite Marten Mehmet Milena Nadia Niamh Nikolai Noor Odile Oyelaran Paloma Petra Quentin";

const FAMILY: &str = "Abernathy Achterberg Adisa Albrecht Almeida Anand Bakker Balogun Barros Benhaddou Bergdahl Bianchi Bjornstad \
    Borkowski Brandt Castellanos Chaudhry Choi Cisse Costa Dahlberg Danjuma Delacroix Demir Diallo Dubois Eriksen Escobar Fashola \
    Ferrari Fitzgerald Fontaine Fujimoto Gallagher Georgiou Goldberg Gruber Gupta Haddad Halvorsen Hollander Horvath Hussain \
    Idrissi Ivanova Jankowski Jimenez Kamara Kaplan Karlsson Kobayashi Kovac Kruger Lambert Larsen Lindqvist Lopes Maalouf \
    Marchetti Mbeki Mendoza Moreau Murakami Nakagawa Ndiaye Novak Nwosu Oduya Ogilvie Okafor Olsen Ortega Paszek Patel Pereira \
    Petrov Quintero Rahman Ricci Roelofs Rossi Sakamoto Salazar Santoro Schreiber Silva Sorensen Tanemura Teixeira Tiwari Ueda \
    Varga Vasquez Visser Wagner Winter Yamada Yilmaz Zapata Zielinski";

/// Different people, each with a user name and an e-mail address; the same for every number.
pub fn made_up(numbers: Range<usize>) -> impl Iterator<Item = Person> {
    let given: Vec<&str> = GIVEN.split_whitespace().collect();
    let family: Vec<&str> = FAMILY.split_whitespace().collect();
    numbers.map(move |at| {
        let first = given[at % given.len()];
        let last = family[(at / given.len() + 7 * (at % given.len())) % family.len()];
        known(&format!("{first} {last}"), at)
    })
}

/// A person of the directory who is called so.
pub fn known(name: &str, at: usize) -> Person {
    let ascii: String = name.to_lowercase().chars().filter(|c| c.is_ascii_alphabetic() || *c == ' ').collect();
    let (first, last) = ascii.split_once(' ').unwrap_or(("x", &ascii));
    // Different for everyone: who shares a user name is one person.
    let handle = match at % 3 {
        0 => format!("{}{last}{at}", &first[..first.len().min(1)]),
        1 => format!("{first}.{last}{at}"),
        _ => format!("{first}{at}"),
    };
    Person {
        names: vec![name.to_owned()],
        handles: vec![handle.replace(' ', "")],
        account_ids: vec![format!("712020:{at:08x}-5b1c-4f0e-9d3a-{:012x}", at * 7919)],
        emails: vec![format!("{}@corp.example", ascii.replace(' ', "."))],
    }
}
