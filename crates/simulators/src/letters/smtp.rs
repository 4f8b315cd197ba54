//! A mail server that takes everything: the part of SMTP (RFC 5321) that a client speaks to hand a mail over.

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::{Letters, mail};

/// Longest mail, in bytes.
const MAIL_BYTES_MAX: usize = 1024 * 1024;

/// Takes mail until it is dropped.
pub(super) async fn listen(listener: TcpListener, letters: Letters) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let letters = letters.clone();
        tokio::spawn(async move {
            if let Err(error) = talk(stream, &letters).await {
                tracing::info!(%error, "a mail client went away");
            }
        });
    }
}

async fn talk(mut stream: TcpStream, letters: &Letters) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut read = BufReader::new(read).take(16 * 1024 * 1024);
    write.write_all(b"220 simulated\r\n").await?;
    let (mut receivers, mut line) = (Vec::new(), String::new());
    loop {
        line.clear();
        if read.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_ascii_uppercase();
        let answer: &[u8] = if command.starts_with("EHLO") {
            b"250-simulated\r\n250 8BITMIME\r\n"
        } else if command.starts_with("RCPT TO:") {
            receivers.push(address(&line));
            b"250 taken\r\n"
        } else if command == "DATA" {
            write.write_all(b"354 go on\r\n").await?;
            let text = data(&mut read).await?;
            for to in receivers.drain(..) {
                letters.take(mail::read(&to, &text));
            }
            b"250 taken\r\n"
        } else if command == "QUIT" {
            return write.write_all(b"221 goodbye\r\n").await;
        } else {
            b"250 fine\r\n"
        };
        write.write_all(answer).await?;
    }
}

/// What stands between the angle brackets.
fn address(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or("", |(address, _)| address).to_owned()
}

/// The lines up to the one that is a single point; a second point at the beginning of a line is the client's.
async fn data(read: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> std::io::Result<String> {
    let (mut text, mut line) = (String::new(), Vec::new());
    while text.len() < MAIL_BYTES_MAX {
        line.clear();
        if read.read_until(b'\n', &mut line).await? == 0 || line == b".\r\n" {
            break;
        }
        let own = if line.starts_with(b"..") { &line[1..] } else { &line[..] };
        text.push_str(&String::from_utf8_lossy(own));
    }
    Ok(text)
}
