//! Clients of HTTP/2 that answer every question whether they are there, and open no window for what they asked, or a little
//! one now and then.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::caller::{PATIENCE, target};
use crate::served::Served;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Kinds of frames, and what they are marked with (RFC 9113, section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const ACKNOWLEDGED: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// The setting of the window that every stream begins with.
const INITIAL_WINDOW_SIZE: [u8; 2] = [0, 4];

fn frame(kind: u8, marks: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, marks], &stream.to_be_bytes(), content].concat()
}

/// A client with one request on its way.
struct Client {
    stream: TcpStream,
}

/// What came to its end.
#[derive(Debug, Default, PartialEq)]
struct Came {
    bytes: usize,
    is_whole: bool,
    is_told: bool,
}

impl Client {
    /// Asks, with so large a window.
    fn asking(served: &Served, window: u32, target: &str) -> Self {
        let mut stream = TcpStream::connect(served.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let setting = [&INITIAL_WINDOW_SIZE[..], &window.to_be_bytes()].concat();
        // HPACK: two names with their values by their numbers, then two names with texts (RFC 7541, section 6).
        let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
        let fields = [&[0x82, 0x86, 0x04][..], &text(target), &[0x01], &text("a")].concat();
        let settings = frame(SETTINGS, 0, 0, &setting);
        let headers = frame(HEADERS, END_STREAM | END_HEADERS, 1, &fields);
        stream.write_all(&[PREFACE, &settings, &headers].concat()).unwrap();
        Self { stream }
    }

    /// Reads until the answer or the connection has ended; for each piece that came the windows are opened that wide again.
    fn read(&mut self, opens: u32, is_over: impl Fn(&Came) -> bool) -> Came {
        let mut came = Came::default();
        let mut head = [0; 9];
        while !is_over(&came) && self.stream.read_exact(&mut head).is_ok() {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut content = vec![0; length as usize];
            self.stream.read_exact(&mut content).unwrap();
            let (kind, is_acknowledged) = (head[3], head[4] & ACKNOWLEDGED > 0);
            let answer = match kind {
                PING if !is_acknowledged => frame(PING, ACKNOWLEDGED, 0, &content),
                SETTINGS if !is_acknowledged => frame(SETTINGS, ACKNOWLEDGED, 0, &[]),
                DATA => {
                    came.bytes += content.len();
                    came.is_whole |= head[4] & END_STREAM > 0;
                    let wider = |stream| frame(WINDOW_UPDATE, 0, stream, &opens.to_be_bytes());
                    if opens > 0 { [wider(0), wider(1)].concat() } else { Vec::new() }
                }
                _ => Vec::new(),
            };
            came.is_told |= kind == GOAWAY;
            // Slowly.
            if kind == DATA {
                std::thread::park_timeout(Duration::from_millis(5));
            }
            let _ = self.stream.write_all(&answer);
        }
        came
    }
}

#[test]
fn an_answer_for_which_no_window_opens_is_not_kept() {
    let served = Served::impatient();
    let large = target("window", "Action=DescribeInstanceTypes");
    for window in [0, 1000] {
        let came = Client::asking(&served, window, &large).read(0, |_| false);
        let bytes = window as usize;
        assert_eq!(came, Came { bytes, is_whole: false, is_told: true });
    }
}

#[test]
fn a_client_that_asks_nothing_more_is_let_go() {
    let served = Served::impatient();
    let small = target("window", "Action=DescribeRegions");
    let came = Client::asking(&served, 60_000, &small).read(0, |_| false);
    assert!(came.is_whole && came.is_told, "{came:?}");
}

#[test]
fn an_answer_is_sent_to_its_end_through_a_small_window() {
    let served = Served::impatient();
    let large = target("window", "Action=DescribeInstanceTypes");
    let came = Client::asking(&served, 2048, &large).read(2048, |came| came.is_whole);
    assert!(came.bytes > 500_000 && !came.is_told, "{came:?}");
}
