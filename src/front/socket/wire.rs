//! The connection's own side: frames in, frames out, the timer, and the way to its end.
//!
//! All of it is one poll function over one state, so that nothing is lost when whoever waits for the
//! next event stops waiting. It knows no protocol: it says what came, and is told to close.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures::{Sink, Stream};
use metrics::{Counter, counter};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc,
    time::Instant,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message, Utf8Bytes,
        protocol::{
            CloseFrame, Role, WebSocketConfig,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};

use crate::{
    front::socket::{
        Bounds, Close, Ended,
        ending::{Cause, Ending},
        metered::Metered,
        outbox::Outgoing,
        timing::{Due, Timing},
    },
    observe,
};

/// Bytes that are read at once. It is allocated with the connection and stays: a small one makes idle
/// connections cheap.
const READ: usize = 4 << 10;

/// Bytes that are gathered before they are written, unless there is nothing more to write.
const WRITE: usize = 8 << 10;

/// Bytes of one frame that we write. What is larger goes out in several: the buffer that frames are
/// built in keeps its largest size, and one large answer would stay for as long as the connection.
const FRAGMENT: usize = 16 << 10;

/// How long the client may take to answer our close.
const FAREWELL: Duration = Duration::from_secs(5);

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A text message.
    Text(Utf8Bytes),
    /// A binary message.
    Binary,
    /// Nothing any more: the connection is over.
    Over(Cause, Ended),
}

/// A connection after its handshake.
#[derive(Debug)]
pub(super) struct Wire<S> {
    stream: WebSocketStream<Metered<S>>,
    queue: mpsc::Receiver<Outgoing>,
    ending: Arc<Ending>,
    timing: Timing,
    /// What is left of a message that goes out in several frames.
    rest: Option<Bytes>,
    ping: bool,
    unflushed: bool,
    /// What the client had taken when it was last looked.
    taken: u64,
    phase: Phase,
    incoming: Counter,
    outgoing: Counter,
}

/// How far it is.
#[derive(Debug)]
enum Phase {
    Open,
    Closing(Closing),
}

/// A connection that is being closed, from either side.
#[derive(Debug)]
struct Closing {
    cause: Cause,
    ended: Ended,
    until: Instant,
    step: Step,
    /// Reading failed: what still comes are no frames.
    broken: bool,
}

/// The steps of closing, in their order.
#[derive(Debug)]
enum Step {
    /// To write our close.
    Say(Close),
    /// To have it written.
    Flush,
    /// To read until the client has answered it.
    Listen,
    /// To say that nothing more will be written.
    Shut,
    /// To read what is still on its way: unread bytes would make the system reset the connection,
    /// and the client might lose our close.
    Drain,
    Done,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) async fn new(
        stream: S,
        bounds: &Bounds,
        queue: mpsc::Receiver<Outgoing>,
        ending: Arc<Ending>,
    ) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ)
            .write_buffer_size(WRITE)
            .max_write_buffer_size(4 * (WRITE + FRAGMENT))
            .max_frame_size(Some(bounds.frame))
            .max_message_size(Some(bounds.message));
        let stream = Metered::new(stream);
        Wire {
            stream: WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await,
            queue,
            ending,
            timing: Timing::new(bounds),
            rest: None,
            ping: false,
            unflushed: false,
            taken: 0,
            phase: Phase::Open,
            incoming: counter!(observe::SOCKET_MESSAGES, "direction" => "in"),
            outgoing: counter!(observe::SOCKET_MESSAGES, "direction" => "out"),
        }
    }

    /// Begins to close the connection; nothing if that has begun already.
    pub(super) fn close(&mut self, cause: Cause, close: Close) {
        let ended = Ended::from(&close);
        self.begin_closing(cause, ended, Step::Say(close), false);
    }

    /// The next event. Does all that is to be done meanwhile. `deadline` is the protocol's; nothing
    /// is read unless `reading`.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Option<&(Instant, Close)>,
        reading: bool,
    ) -> Poll<Event> {
        while self.is_open() {
            if let Some(event) = ready!(self.poll_open(cx, deadline, reading)) {
                return Poll::Ready(event);
            }
        }
        self.poll_close(cx)
    }

    /// `None`: there may be more to do at once.
    fn poll_open(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Option<&(Instant, Close)>,
        reading: bool,
    ) -> Poll<Option<Event>> {
        if let Some((cause, close)) = self.ending.poll(cx) {
            self.close(cause, close);
        } else if self.poll_write(cx).is_err() {
            self.lose(Cause::Lost);
        }
        if !self.is_open() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(due) = self.timing.poll(cx, deadline) {
            self.act(due);
            return Poll::Ready(None);
        }
        match reading {
            true => self.poll_read(cx),
            false => Poll::Pending,
        }
    }

    fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    fn act(&mut self, due: Due) {
        match due {
            Due::Ping => self.ping = true,
            Due::Idle => self.close(Cause::Idle, Cause::Idle.close()),
            Due::Total => self.close(Cause::Total, Cause::Total.close()),
            Due::Deadline(close) => self.close(Cause::Protocol, close),
            Due::Stuck => self.lose(Cause::Stuck),
        }
    }

    // === Reading ===

    /// `None`: something came that is no event.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        match ready!(Pin::new(&mut self.stream).poll_next(cx)) {
            Some(Ok(Message::Text(text))) => {
                self.timing.received();
                self.incoming.increment(1);
                return Poll::Ready(Some(Event::Text(text)));
            }
            Some(Ok(Message::Binary(_))) => {
                self.timing.received();
                self.incoming.increment(1);
                return Poll::Ready(Some(Event::Binary));
            }
            Some(Ok(Message::Close(frame))) => {
                let ended = Ended::by_client(frame);
                self.begin_closing(Cause::Client, ended, Step::Listen, false);
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
                self.timing.controlled();
            }
            Some(Err(error)) => match Cause::of_read(&error) {
                Cause::Lost => self.lose(Cause::Lost),
                cause => {
                    let close = cause.close();
                    let ended = Ended::from(&close);
                    self.begin_closing(cause, ended, Step::Say(close), true);
                }
            },
            None => self.lose(Cause::Lost),
        }
        Poll::Ready(None)
    }

    // === Writing ===

    /// Writes what is queued, and notes whether the client takes it.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<(), Broken> {
        let all = self.poll_queue(cx)?.is_ready();
        let taken = self.stream.get_ref().written();
        if all || taken != self.taken {
            self.timing.read(true);
        }
        self.taken = taken;
        if !all {
            self.timing.read(false);
        }
        Ok(())
    }

    /// Writes what is queued, and flushes once. Ready: nothing is left to be written.
    fn poll_queue(&mut self, cx: &mut Context<'_>) -> Result<Poll<()>, Broken> {
        loop {
            match Pin::new(&mut self.stream).poll_ready(cx) {
                Poll::Ready(ready) => ready?,
                Poll::Pending => return Ok(Poll::Pending),
            }
            let Some(message) = self.next_frame(cx) else {
                break;
            };
            Pin::new(&mut self.stream).start_send(message)?;
            self.unflushed = true;
        }
        if self.unflushed && self.is_open() {
            let flushed = Pin::new(&mut self.stream).poll_flush(cx)?;
            self.unflushed = flushed.is_pending();
        }
        Ok(match self.unflushed {
            true => Poll::Pending,
            false => Poll::Ready(()),
        })
    }

    fn next_frame(&mut self, cx: &mut Context<'_>) -> Option<Message> {
        if std::mem::take(&mut self.ping) {
            return Some(Message::Ping(Bytes::new()));
        }
        if let Some(rest) = self.rest.take() {
            return Some(self.fragment(rest, Data::Continue));
        }
        let Poll::Ready(Some(outgoing)) = self.queue.poll_recv(cx) else {
            return None;
        };
        match outgoing {
            Outgoing::Text(text) => {
                self.timing.sent();
                self.outgoing.increment(1);
                Some(match text.len() <= FRAGMENT {
                    true => Message::Text(text),
                    false => self.fragment(text.into(), Data::Text),
                })
            }
            Outgoing::Close(close) => {
                self.close(Cause::Protocol, close);
                None
            }
        }
    }

    /// The next frame of a message, and the rest for later.
    fn fragment(&mut self, mut text: Bytes, data: Data) -> Message {
        let part = text.split_to(text.len().min(FRAGMENT));
        let last = text.is_empty();
        self.rest = (!last).then_some(text);
        Message::Frame(Frame::message(part, OpCode::Data(data), last))
    }

    // === Closing ===

    /// There is nobody any more to whom anything could be said.
    fn lose(&mut self, cause: Cause) {
        self.begin_closing(cause, Ended::lost(), Step::Done, false);
    }

    fn begin_closing(&mut self, cause: Cause, ended: Ended, step: Step, broken: bool) {
        if matches!(self.phase, Phase::Closing(_)) {
            return;
        }
        // From now on whoever wants to send something is told that it is too late.
        self.queue.close();
        self.rest = None;
        counter!(observe::SOCKET_CLOSES, "reason" => cause.label()).increment(1);
        self.phase = Phase::Closing(Closing {
            cause,
            ended,
            until: Instant::now() + FAREWELL,
            step,
            broken,
        });
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        let Phase::Closing(closing) = &mut self.phase else {
            return Poll::Pending;
        };
        let over = |closing: &Closing| Event::Over(closing.cause, closing.ended.clone());
        loop {
            if matches!(closing.step, Step::Done) {
                return Poll::Ready(over(closing));
            }
            if self.timing.poll_until(cx, closing.until).is_ready() {
                return Poll::Ready(over(closing));
            }
            closing.step = match ready!(closing.poll_step(cx, &mut self.stream)) {
                Ok(next) => next,
                Err(Broken) => Step::Done,
            };
        }
    }
}

impl Closing {
    /// Takes one step, and says which is next.
    fn poll_step<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut WebSocketStream<Metered<S>>,
    ) -> Poll<Result<Step, Broken>> {
        let mut pinned = Pin::new(&mut *stream);
        Poll::Ready(match &self.step {
            Step::Say(close) => {
                ready!(pinned.as_mut().poll_ready(cx))?;
                let frame = CloseFrame {
                    code: close.code.into(),
                    reason: close.reason.clone(),
                };
                // What fails is that the client was first; its close is about to be read.
                let _ = pinned.start_send(Message::Close(Some(frame)));
                Ok(Step::Flush)
            }
            Step::Flush => {
                ready!(pinned.poll_flush(cx))?;
                Ok(if self.broken {
                    Step::Shut
                } else {
                    Step::Listen
                })
            }
            // What else comes after our close is for nobody.
            Step::Listen => match ready!(pinned.poll_next(cx)) {
                Some(Ok(_)) => Ok(Step::Listen),
                Some(Err(_)) | None => Ok(Step::Shut),
            },
            Step::Shut => {
                ready!(Pin::new(stream.get_mut()).poll_shutdown(cx))?;
                Ok(if self.broken { Step::Drain } else { Step::Done })
            }
            Step::Drain => {
                let mut bytes = [0; 512];
                let mut buffer = ReadBuf::new(&mut bytes);
                ready!(Pin::new(stream.get_mut()).poll_read(cx, &mut buffer))?;
                Ok(if buffer.filled().is_empty() {
                    Step::Done
                } else {
                    Step::Drain
                })
            }
            Step::Done => Ok(Step::Done),
        })
    }
}

/// The connection below failed.
#[derive(Debug)]
struct Broken;

impl<E: std::error::Error> From<E> for Broken {
    fn from(_: E) -> Self {
        Broken
    }
}

impl Ended {
    fn by_client(frame: Option<CloseFrame>) -> Self {
        let Some(frame) = frame else {
            return Ended {
                code: 1005,
                reason: Utf8Bytes::from_static(""),
            };
        };
        Ended {
            code: frame.code.into(),
            reason: frame.reason,
        }
    }
}
