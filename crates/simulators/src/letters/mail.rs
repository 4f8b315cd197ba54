//! Reads a mail as a mail program does: headers with encoded words (RFC 2047), parts in base64 or quoted-printable.

use super::Letter;

/// A mail that was handed over for this receiver.
pub(super) fn read(to: &str, mail: &str) -> Letter {
    let mail = mail.replace("\r\n", "\n");
    let (head, body) = mail.split_once("\n\n").unwrap_or((&mail, ""));
    let kind = header(head, "content-type");
    let parts: Vec<&str> = match kind.split_once("boundary=\"").and_then(|it| it.1.split_once('"'))
    {
        Some((boundary, _)) => body.split(&format!("--{boundary}")).collect(),
        None => vec![&mail],
    };
    let part = |wanted: &str| {
        let found = parts.iter().filter_map(|part| part.trim_start().split_once("\n\n"));
        let mut found = found.filter(|(head, _)| header(head, "content-type").starts_with(wanted));
        found.next().map(|(head, body)| decoded(&header(head, "content-transfer-encoding"), body))
    };
    Letter {
        channel: "email",
        to: to.to_owned(),
        subject: words(&header(head, "subject")),
        text: part("text/plain").unwrap_or_default(),
        html: part("text/html").unwrap_or_default(),
    }
}

/// A header's value; lines that begin with a space belong to the one before.
fn header(head: &str, name: &str) -> String {
    let head = head.replace("\n ", " ").replace("\n\t", " ");
    let found = head.lines().find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    });
    found.unwrap_or_default()
}

fn decoded(encoding: &str, body: &str) -> String {
    let bytes = match encoding.to_ascii_lowercase().as_str() {
        "base64" => base64(body),
        "quoted-printable" => quoted(body),
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

/// `=?utf-8?b?…?=` and its neighbours; the space between two of them is no part of the text.
fn words(text: &str) -> String {
    let (mut result, mut rest) = (String::new(), text);
    while let Some((before, word)) = rest.split_once("=?") {
        let parts: Vec<&str> = word.splitn(4, '?').collect();
        let [_, coding, word, after] = parts[..] else { break };
        let bytes = match coding {
            "b" | "B" => base64(word),
            _ => quoted(&word.replace('_', " ")),
        };
        result.push_str(before);
        result.push_str(&String::from_utf8_lossy(&bytes));
        rest = after.strip_prefix('=').unwrap_or(after);
        if rest.trim_start().starts_with("=?") {
            rest = rest.trim_start();
        }
    }
    result + rest
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        let Some(digit) = DIGITS.iter().position(|other| *other == byte) else { continue };
        bits = (bits << 6 | u32::try_from(digit).unwrap_or_default()) & 0xFF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).unwrap_or_default());
        }
    }
    bytes
}

fn quoted(text: &str) -> Vec<u8> {
    let text = text.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| first == b'=') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_reads_as_its_writer_meant_it() {
        let mail = "Subject: =?utf-8?b?0JLQsNGI?= =?utf-8?b?INC60L7QtA==?=\r\nTo: a@b.c\r\n\
            Content-Type: multipart/alternative;\r\n boundary=\"x\"\r\n\r\n--x\r\n\
            Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
            0JrQvtC0\r\n--x\r\nContent-Type: text/html; charset=utf-8\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>=D0=9A=\r\n=D0=BE=3D</p>\r\n--x--\r\n";

        let letter = read("a@b.c", mail);

        assert_eq!((letter.subject.as_str(), letter.text.as_str()), ("Ваш код", "Код"));
        assert_eq!(letter.html, "<p>Ко=</p>");
    }

    #[test]
    fn a_plain_mail_is_its_own_part() {
        let letter = read("a@b.c", "Subject: Hello\nContent-Type: text/plain\n\nYour code is 1.\n");

        assert_eq!((letter.subject.as_str(), letter.text.as_str()), ("Hello", "Your code is 1."));
    }
}
