//! The words around identifiers, in the languages that work is mostly written in, folded.

use super::Known;

/// Each list of words and what it says of them.
pub(super) const ALL: &[(&str, u32)] = &[
    (FUNCTION, Known::FUNCTION),
    (GERMAN, Known::FUNCTION | Known::GERMAN),
    (PARTICLE, Known::PARTICLE),
    (HONORIFIC, Known::HONORIFIC),
    (CLOSE, Known::CLOSE | Known::BEFORE_NAME),
    (BEFORE_NAME, Known::BEFORE_NAME),
    (AFTER_NAME, Known::AFTER_NAME),
    (PERSON_LABEL, Known::PERSON_LABEL),
    (USER_LABEL, Known::USER_LABEL),
    (SECRET_LABEL, Known::SECRET_LABEL),
    (PHONE_LABEL, Known::PHONE_LABEL),
    (ID_LABEL, Known::ID_LABEL),
    (STREET, Known::STREET),
    (ADDRESS_LABEL, Known::ADDRESS_LABEL),
    (HOST_LABEL, Known::HOST_LABEL),
    (VERSION_LABEL, Known::VERSION_LABEL),
    (PAYMENT_LABEL, Known::PAYMENT_LABEL),
];

const FUNCTION: &str = "
    a an the this that these those and or but nor so yet if then else when while because since although though unless until
    i you he she it we they me him us them my your his her its our their mine yours hers ours theirs who whom whose which what
    why how where there here is are was were be been being am do does did doing done have has had having can could will would
    shall should may might must not no yes of in on at by for from to with without within into onto over under above below
    between among through during before after about against as than too very just only also even still again already never
    always often some any all each every both either neither few many much more most other another such same own new old
    please sorry hello hi hey dear thanks thank regards cheers best kind sincerely welcome okay
    it's i'm don't can't won't isn't doesn't
    am als ob du es im ins hat war wer wo nur vor hinter
    le la les un une des du et ou mais donc car que qui quoi dont ce cet cette ces il elle nous vous ils elles je tu mon ton son
    ma ta sa mes tes ses notre votre leur est sont etait avec sans dans sur sous pour par chez vers bonjour merci
    el los las una unos unas y o pero porque como cuando donde esto esta este estos estas yo tu ella ellos ellas nosotros mi su
    sus es son era con sin en para por hola gracias
    os as um uma uns umas mas quando onde isso isto esse essa eu voce eles elas meu minha seu sua com sem para pelo pela ola
    obrigado obrigada nao
    lo gli uno una ed ma perche quando dove questo questa questi queste io lei lui noi voi loro mio mia suo sua con senza per tra
    fra ciao grazie non
    het een en of maar want omdat als dan wanneer waar dit dat deze die ik jij hij zij wij jullie mijn jouw zijn haar ons onze met
    zonder voor naar bij tegen hallo dank niet
    i w z na do nie sie jest czy ale bo jak kiedy gdzie ten ta to ja ty on ona my wy oni moj dzieki prosze
";

const GERMAN: &str = "
    der das den dem ein eine einen einem einer und oder aber weil wenn dass ich sie wir ihr mein dein unser ist sind waren wird werden
    wurde haben hatte kann konnen muss mussen soll nicht kein keine vom zum zur mit ohne fur gegen bei nach aus auf uber unter
    zwischen auch noch schon bitte danke wie
";

const PARTICLE: &str = "
    van von der den de del della di da dos das do du la le el al bin ibn ben ter ten te zu zur vom af av mac mc san santa st
";

const HONORIFIC: &str = "
    mr mrs ms miss mister madam sir dr doctor prof professor rev fr herr herrn frau hr monsieur madame mme mlle mademoiselle
    senor senora senorita sr sra srta don dona senhor senhora signor signora signorina sig dott dottor dottoressa ing meneer
    mevrouw dhr mevr mw pan pani panu
";

const CLOSE: &str = "
    hi hello hey dear thanks thank thx ty cheers ping pinging cc bcc fyi attn kudos congrats congratulations props welcome greetings
    regards sincerely nudge poke
    hallo lieber liebe moin danke gruss grusse servus
    bonjour salut cher chere merci cordialement
    hola estimado estimada gracias saludos querido querida atentamente
    ola oi prezado prezada obrigado obrigada atenciosamente abraco
    ciao gentile salve saluti grazie
    hoi beste geachte dank groet groeten
    czesc witam dzieki pozdrawiam
    hej halsningar tack hei moi terve kiitos ahoj dekuji szia merhaba tesekkurler sayin καλημερα ευχαριστω γεια
    привет здравствуите спасибо уважаемыи
";

const BEFORE_NAME: &str = "
    give gave given said says starring kid son daughter wife husband waiting leads lead scribe host speaker bei nach laut selon volgens segun secondo segundo according ohne gegen fur pour para per
    voor dla contatta contacter contactar talk talked speak spoke spoken chat chatted says only backup delegate oncall
    hi hello hey dear thanks thank thx ty cheers ping pinging cc fyi bcc per by with from to ask asked asking tell told telling
    assign assigned assigning reassign reassigned contact contacted contacting notify notified met meet meeting call called
    emailed mail mailed inform informed remind reminded invite invited escalate escalated credit kudos props poke poked
    bugging nudge nudged morning afternoon evening welcome congrats congratulations sorry signed sincerely regards wishes
    yours attention named name im i'm it's am this and
    hallo lieber liebe moin danke gruss grusse servus guten an von mit durch laut
    bonjour salut cher chere merci cordialement
    hola estimado estimada gracias saludos atentamente querido querida
    ola oi prezado prezada caro cara obrigado obrigada atenciosamente abraco
    ciao gentile salve saluti cordiali grazie
    beste geachte groet groeten dank hoi
    czesc witam szanowny szanowna dzieki pozdrawiam drogi droga
";

const AFTER_NAME: &str = "
    lives lived began shouted laughed flew died born married
    said says say asked asks told tells mentioned mentions reported reports wrote writes replied replies confirmed confirms
    noticed pointed suggested suggests thinks thought wants wanted needs agreed agrees added commented comments fixed fixes
    found tested tests reviewed reviews approved approves assigned merged committed pushed opened closed reopened verified
    implemented discussed explained requested requests proposed recommends recommended knows can could will would has is was
    and did does should please already sent sends called calls helped investigated joined left works worked
    sagt sagte schrieb meint meinte hat fragt fragte
    dit disait ecrit demande
    dijo dice escribio pregunto
    disse diz escreveu perguntou
    scrive chiede
    zei zegt schreef vroeg
    powiedzial napisal zapytal
";

const PERSON_LABEL: &str = "
    from to cc bcc author authors reporter assignee owner contact name reviewer reviewers approver tester developer requester
    requestor requested customer client attendees attendee participants participant organizer organiser manager lead maintainer
    committer coauthored signed reviewed reported acked tested suggested submitter creator caller patient employee sender
    recipient poc scribe speaker host approver watcher watchers lead leads cn sn givenname assigned by firstname lastname fullname surname displayname username
    von an absender autor ansprechpartner bearbeiter melder kunde
    de auteur expediteur destinataire nom prenom
    para nombre autor responsable
    nome autore referente
    naam afzender
";

const USER_LABEL: &str = "
    watchers user users username userid usr login logon account uid owner assignee reporter author creator watcher nick nickname handle
    screenname skype slack twitter github gitlab irc chown su sudo ssh member uname loginname sessionuser
    uname todo fixme committed samaccountname
    логин пользователь anvandare bruker kullanici uzytkownik uzytkownika kayttaja uzivatel felhasznalo
    benutzer benutzername anmeldename utilisateur usuario utente gebruiker
";

const SECRET_LABEL: &str = "
    password passwd pwd pass passphrase passcode pw secret secrets token tokens apikey key keys credential credentials auth
    authorization bearer access private pin accesskey secretkey clientsecret authtoken apitoken accesstoken signature cookie
    session sessionid sas salt masterkey encryptionkey licensekey
    passwort kennwort motdepasse passe contrasena clave senha wachtwoord haslo parola losenord adgangskode passord salasana heslo
    jelszo sifre parool psk passwords jsessionid phpsessid sig basic creds
";

const PHONE_LABEL: &str = "
    phone telephone tel cell cellphone mobile mob fax call dial ring sms whatsapp hotline helpline extension ext number reach
    handy telefon mobil rufnummer telefono movil telefone celular cellulare telefoon mobiel komorka numer portable desk phones telefax faks bel llamar ligar rappeler answering anrufen durchwahl
    gsm rang richiamare chiamare contacts contactno telephonenumber phonenumber mobilephone cellulare numero rufen pager callback telefonnummer kontakttelefon celulare
";

const ID_LABEL: &str = "
    ssn social security sin nino insurance national nhs itin ein tin tax taxpayer passport license licence driver identity id
    identification nif nie dni cpf cnpj rg curp rfc pesel nip regon bsn nir insee codice fiscale personnummer hetu
    henkilotunnus fodselsnummer cpr ahv avs steuer steuerid identifikationsnummer ausweis aadhaar aadhar pan tfn medicare abn
    nric fin mykad rut cuil cuit citizen resident emirates rrn oib egn cnp rodne cislo securite sociale secu ni cif cf hkid zehut
    burgerservicenummer sofi contribuinte svnr sozialversicherungsnummer steueridentifikationsnummer idnr tckn kimlik tc
    rijksregisternummer registre uid jmbg passeport pasaporte passaporto reisepass paspoort paszport passaporte drivers driving
    fuhrerschein personalausweis
";

const STREET: &str = "
    street st avenue ave road rd boulevard blvd lane ln drive dr court ct place pl square sq terrace ter way highway hwy parkway
    pkwy circle cir crescent close row mews gardens grove hill walk trail alley loop plaza route rte
    strasse str weg platz allee gasse ring ufer damm
    rue chemin impasse quai cours place allee
    calle avenida avda paseo plaza carrera camino
    rua travessa alameda praca rodovia
    via viale piazza corso vicolo largo
    straat laan plein gracht kade dijk
    ulica ul aleja aleje al plac os osiedle
    box postfach pobox
    gatan vagen gade vej katu tie gata veien utca ter
    quay bypass drove heights lodge parade ridge rise view wharf
    bulevar bulwar rondo aleje skwer
    faubourg chaussee sentier cite residence
    corte strada salita contrada ronda travesia glorieta
    avenida av estrada beco
";

const ADDRESS_LABEL: &str = "
    address lives live living reside resides located moved restaurant bus meet return sent ship shipped deliver delivered office home
    residence anschrift adresse wohnt habite vive direccion indirizzo adres
";

const HOST_LABEL: &str = "
    ip ips ipv4 ipv6 address addr host hosts hostname server gateway proxy dns router subnet netmask node peer client remote
    from to at via ping connect connected connecting connection bind listen listening ssh telnet curl port endpoint vpn inet
    source src dest destination dst forwarded upstream cluster machine vm box range cidr whitelist allowlist blocked
";

const VERSION_LABEL: &str = "
    version versions ver v sdk release released build update upgrade upgraded patch rev revision jdk jre android ios chrome
    firefox firmware driver plugin module studio studios xcode framework api titanium mobile desktop titan npm maven kernel
    node ruby python java downgrade downgraded affects affected reproduced running simulator emulator
";

const PAYMENT_LABEL: &str = "
    card cards visa mastercard amex credit debit cc cvv iban bic swift bank account konto kontonummer
";
