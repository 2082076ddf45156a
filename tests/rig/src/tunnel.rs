//! An outgoing proxy, as companies have it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A proxy that connects wherever it is asked to; its URL, and how often it was asked.
pub async fn proxy() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (address, count) = (listener.local_addr().expect("an address"), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            seen.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(tunnel(stream));
        }
    });
    (format!("http://{address}"), count)
}

async fn tunnel(stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    let (mut first, mut line) = (String::new(), String::new());
    stream.read_line(&mut first).await.expect("a request");
    while stream.read_line(&mut line).await.expect("a header") > 2 {
        line.clear();
    }
    let target = first.split(' ').nth(1).expect("CONNECT HOST:PORT");
    let mut other = TcpStream::connect(target).await.expect("the vendor listens");
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("the operator listens");
    // Either side may close as it likes.
    let _ = copy_bidirectional(&mut stream, &mut other).await;
}
