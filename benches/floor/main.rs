//! The floor: a bare axum server that does no work and answers so many bytes. What a call costs above it is ours.
//!
//!     cargo run --release --package floor -- 127.0.0.1:0 60
//!
//! Prints the address it listens on.

use std::error::Error;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let length: usize = arguments.next().map_or(Ok(60), |text| text.parse())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await?;
        println!("{}", listener.local_addr()?);
        let body = Bytes::from(vec![b'x'; length]);
        let answer = move || async move { ([(CONTENT_TYPE, "application/json")], body) };
        axum::serve(listener, Router::new().fallback(get(answer))).await?;
        Ok(())
    })
}
