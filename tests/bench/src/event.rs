//! The event that the scripted upstream sends: a group message as NapCat writes one, with a number to count it
//! by and the moment when it was sent.

use std::time::Duration;

/// The account of the scripted upstream.
pub(crate) const SELF_ID: u64 = 3_889_000_770;

const BEFORE_NUMBER: &str =
    r#"{"self_id":3889000770,"user_id":1230000456,"time":1760000000,"message_id":"#;
const BEFORE_MOMENT: &str = r#","message_seq":4711,"real_seq":""#;
const AFTER_MOMENT: &str = concat!(
    r#"","message_type":"group","sender":{"user_id":1230000456,"nickname":"南山有台","card":"值班","role":"member"},"#,
    r#""raw_message":"[CQ:at,qq=3889000770] 明天下午的例会改到四点,还是二楼的小会议室,收到请回复。","font":14,"#,
    r#""sub_type":"normal","message":[{"type":"at","data":{"qq":"3889000770"}},{"type":"text","data":"#,
    r#"{"text":" 明天下午的例会改到四点,还是二楼的小会议室,收到请回复。"}}],"#,
    r#""message_format":"array","post_type":"message","group_id":987654321}"#,
);

/// Keeps the number's length the same for every event.
const FIRST_NUMBER: u64 = 1_000_000_000;
const NUMBER_DIGITS: usize = 10;
const MOMENT_DIGITS: usize = 16;

/// What tells one event from another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Event {
    /// Counts from 0.
    pub(crate) number: u32,
    /// When it was sent, on the driver's clock.
    pub(crate) sent: Duration,
}

impl Event {
    /// Writes the event's text.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(BEFORE_NUMBER.as_bytes());
        push_digits(
            out,
            u128::from(FIRST_NUMBER) + u128::from(self.number),
            NUMBER_DIGITS,
        );
        out.extend_from_slice(BEFORE_MOMENT.as_bytes());
        push_digits(out, self.sent.as_nanos(), MOMENT_DIGITS);
        out.extend_from_slice(AFTER_MOMENT.as_bytes());
    }

    /// Finds the event in a text; `None` for any other frame, such as a heartbeat.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let (number, text) = text
            .strip_prefix(BEFORE_NUMBER.as_bytes())?
            .split_at_checked(NUMBER_DIGITS)?;
        let (moment, _text) = text
            .strip_prefix(BEFORE_MOMENT.as_bytes())?
            .split_at_checked(MOMENT_DIGITS)?;
        Some(Self {
            number: u32::try_from(digits(number)? - FIRST_NUMBER).ok()?,
            sent: Duration::from_nanos(digits(moment)?),
        })
    }
}

fn push_digits(out: &mut Vec<u8>, mut number: u128, count: usize) {
    let begin = out.len();
    out.resize(begin + count, b'0');
    for digit in out[begin..].iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

fn digits(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0_u64, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u64::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_json_of_about_600_bytes_and_can_be_read_back() {
        let event = Event {
            number: 59_999,
            sent: Duration::from_nanos(1_234_567_890_123),
        };
        let mut text = Vec::new();
        event.write(&mut text);
        let json: serde_json::Value = serde_json::from_slice(&text).expect("valid JSON");
        assert_eq!(json["self_id"], SELF_ID);
        assert!((550..=700).contains(&text.len()), "{} bytes", text.len());
        assert_eq!(Event::read(&text), Some(event));
    }

    #[test]
    fn other_frames_are_no_events() {
        for text in [
            "",
            "{}",
            r#"{"self_id":3889000770,"meta_event_type":"heartbeat"}"#,
        ] {
            assert_eq!(Event::read(text.as_bytes()), None, "{text}");
        }
    }
}
