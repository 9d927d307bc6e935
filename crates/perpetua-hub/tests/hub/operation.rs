//! Everything that may happen to a hub, and how often.

use std::time::Duration;

use perpetua_hub::{
    ClientProfile, ClientSettings, OverflowPolicy, ProbeSettings, QueueLimits, Role,
};
use proptest::prelude::*;

/// Chooses one of the things that exist when the operation runs.
pub(crate) type Pick = u8;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    SetClient {
        client: Pick,
        settings: ClientSettings,
    },
    RemoveClient(Pick),
    Connect {
        client: Pick,
        role: Role,
    },
    Leave(Pick),
    WriteTooSlow(Pick),
    Take(Pick),
    Beat(Pick),
    Ask(Ask),
    /// A frame of a client is not taken in.
    RefuseFrame {
        who: Pick,
        echo: Pick,
    },
    Malformed {
        who: Pick,
        which: Pick,
    },
    Extension {
        who: Pick,
        echo: Pick,
        what: Extension,
    },
    Open,
    Lose {
        dials_again: bool,
    },
    LearnAccount(i64),
    SetUin(Option<i64>),
    TakeActions(u8),
    Respond {
        which: Pick,
        how: Response,
    },
    Stray(Pick),
    /// A frame of the upstream is lost, in which the echo of something that it was sent was found.
    LoseFrame(Pick),
    Event(Event),
    /// The core's log tells of a kick.
    WentOffline {
        words: &'static str,
    },
    /// The core's log tells of an interruption, or of its end.
    SetInterrupted(bool),
    SetManaged(bool),
    SetProbes(Option<ProbeSettings>),
    TakeNews,
    /// The supervisor has looked whether the core answers elsewhere.
    LookedElsewhere(bool),
    Pass {
        milliseconds: u64,
    },
}

/// A client asks for something that is the upstream's to answer.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) who: Pick,
    pub(crate) echo: Pick,
    pub(crate) spelling: Spelling,
    pub(crate) asked: Asked,
}

/// What is asked: something that the hub may know, or anything else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Asked {
    Message,
    Login,
    Status,
    Version,
}

/// Where a frame's echo stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Spelling {
    First,
    Last,
    Spaced,
}

/// What the upstream makes of an action, or of one that it answered before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Response {
    pub(crate) spelling: Spelling,
    pub(crate) part: Part,
    /// Who the account is, if that was the question.
    pub(crate) account: i64,
}

/// Whether a response ends an action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    Whole,
    Failed,
    NoSuchAction,
    Unsigned,
    Chunk,
    LastChunk,
}

/// An action that the hub answers.
#[derive(Clone, Debug)]
pub(crate) enum Extension {
    Restart(Delay),
    SetName(Pick),
    Broadcast(Vec<Target>),
    Callback {
        broadcast: Pick,
        client: Option<Pick>,
    },
    BadParams {
        action: Pick,
        params: Pick,
    },
}

/// When a restart is to begin.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Delay {
    None,
    Microseconds(u32),
    Negative,
}

/// Whom a broadcast names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    AppId(Pick),
    Name(Pick),
    Both(Pick),
    AppIdOfOneNameOfOther(Pick, Pick),
    Nobody,
}

/// An event of the upstream.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) what: What,
    pub(crate) account: Option<i64>,
    pub(crate) echo: Pick,
    pub(crate) padding: usize,
}

/// Events that the hub tells apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    Message,
    Notice,
    Request,
    OtherMeta,
    BotOffline,
    BotOnline,
    Lifecycle,
    Heartbeat { online: bool },
}

/// Any operation, the common ones often.
pub(crate) fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        2 => (any::<Pick>(), settings()).prop_map(|(client, settings)| Operation::SetClient { client, settings }),
        1 => any::<Pick>().prop_map(Operation::RemoveClient),
        8 => (any::<Pick>(), role()).prop_map(|(client, role)| Operation::Connect { client, role }),
        3 => any::<Pick>().prop_map(Operation::Leave),
        1 => any::<Pick>().prop_map(Operation::WriteTooSlow),
        14 => any::<Pick>().prop_map(Operation::Take),
        2 => any::<Pick>().prop_map(Operation::Beat),
        14 => ask().prop_map(Operation::Ask),
        2 => (any::<Pick>(), any::<Pick>()).prop_map(|(who, which)| Operation::Malformed { who, which }),
        8 => (any::<Pick>(), any::<Pick>(), extension())
            .prop_map(|(who, echo, what)| Operation::Extension { who, echo, what }),
        4 => Just(Operation::Open),
        2 => any::<bool>().prop_map(|dials_again| Operation::Lose { dials_again }),
        1 => account().prop_map(Operation::LearnAccount),
        1 => prop::option::of(account()).prop_map(Operation::SetUin),
        1 => any::<Pick>().prop_map(Operation::LoseFrame),
        1 => (any::<Pick>(), any::<Pick>()).prop_map(|(who, echo)| Operation::RefuseFrame { who, echo }),
        8 => (1..6_u8).prop_map(Operation::TakeActions),
        12 => (any::<Pick>(), response()).prop_map(|(which, how)| Operation::Respond { which, how }),
        2 => any::<Pick>().prop_map(Operation::Stray),
        16 => event().prop_map(Operation::Event),
        2 => prop_oneof![Just("elsewhere: kicked"), Just("kicked")]
            .prop_map(|words| Operation::WentOffline { words }),
        2 => any::<bool>().prop_map(Operation::SetInterrupted),
        1 => any::<bool>().prop_map(Operation::SetManaged),
        1 => probes().prop_map(Operation::SetProbes),
        3 => Just(Operation::TakeNews),
        3 => any::<bool>().prop_map(Operation::LookedElsewhere),
        5 => time().prop_map(|milliseconds| Operation::Pass { milliseconds }),
    ]
}

/// Any settings: queues that never fill, and small ones of both kinds and policies.
pub(crate) fn settings() -> impl Strategy<Value = ClientSettings> {
    let profile = prop_oneof![Just(ClientProfile::Standard), Just(ClientProfile::Perpetua)];
    (queue(), profile, 1..4_usize, any::<bool>()).prop_map(
        |(queue, profile, max_connections, named)| ClientSettings {
            profile,
            queue,
            max_connections,
            named,
            ..ClientSettings::default()
        },
    )
}

fn queue() -> impl Strategy<Value = QueueLimits> {
    let when_full = || prop_oneof![3 => Just(OverflowPolicy::DropOldest), 1 => Just(OverflowPolicy::Disconnect)];
    let by_frames = (1..12_usize, when_full()).prop_map(|(frames, when_full)| QueueLimits {
        frames,
        when_full,
        ..QueueLimits::default()
    });
    let by_bytes = (200..4000_usize, when_full()).prop_map(|(bytes, when_full)| QueueLimits {
        bytes,
        when_full,
        ..QueueLimits::default()
    });
    prop_oneof![3 => Just(QueueLimits::default()), 2 => by_frames, 2 => by_bytes]
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![4 => Just(Role::Universal), 1 => Just(Role::Api), 1 => Just(Role::Event)]
}

fn spelling() -> impl Strategy<Value = Spelling> {
    prop_oneof![
        Just(Spelling::First),
        Just(Spelling::Last),
        Just(Spelling::Spaced)
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    let asked = prop_oneof![
        8 => Just(Asked::Message),
        2 => Just(Asked::Login),
        1 => Just(Asked::Status),
        2 => Just(Asked::Version),
    ];
    (any::<Pick>(), any::<Pick>(), spelling(), asked).prop_map(|(who, echo, spelling, asked)| Ask {
        who,
        echo,
        spelling,
        asked,
    })
}

fn response() -> impl Strategy<Value = Response> {
    let part = prop_oneof![
        6 => Just(Part::Whole),
        1 => Just(Part::Failed),
        1 => Just(Part::NoSuchAction),
        1 => Just(Part::Unsigned),
        2 => Just(Part::Chunk),
        1 => Just(Part::LastChunk),
    ];
    (spelling(), part, account()).prop_map(|(spelling, part, account)| Response {
        spelling,
        part,
        account,
    })
}

fn extension() -> impl Strategy<Value = Extension> {
    let target = prop_oneof![
        3 => any::<Pick>().prop_map(Target::AppId),
        2 => any::<Pick>().prop_map(Target::Name),
        1 => any::<Pick>().prop_map(Target::Both),
        1 => any::<(Pick, Pick)>().prop_map(|(id, name)| Target::AppIdOfOneNameOfOther(id, name)),
        1 => Just(Target::Nobody),
    ];
    let client = prop::option::weighted(0.3, any::<Pick>());
    prop_oneof![
        2 => delay().prop_map(Extension::Restart),
        4 => any::<Pick>().prop_map(Extension::SetName),
        4 => prop::collection::vec(target, 0..4).prop_map(Extension::Broadcast),
        4 => (any::<Pick>(), client).prop_map(|(broadcast, client)| Extension::Callback { broadcast, client }),
        1 => any::<(Pick, Pick)>().prop_map(|(action, params)| Extension::BadParams { action, params }),
    ]
}

fn delay() -> impl Strategy<Value = Delay> {
    prop_oneof![
        1 => Just(Delay::None),
        3 => (0..9_000_000_u32).prop_map(Delay::Microseconds),
        1 => Just(Delay::Negative),
    ]
}

/// When a silent upstream is asked: never, as usual, or nearly always.
pub(crate) fn probes() -> impl Strategy<Value = Option<ProbeSettings>> {
    let any = (1..20_u64, 1..20_u64).prop_map(|(every, patience)| ProbeSettings {
        every: Duration::from_secs(every),
        patience: Duration::from_secs(patience),
    });
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(ProbeSettings::default())),
        2 => any.prop_map(Some),
    ]
}

/// Mostly the same account: another one may end every connection.
fn account() -> impl Strategy<Value = i64> {
    prop_oneof![12 => Just(20_002), 1 => Just(30_003)]
}

fn event() -> impl Strategy<Value = Event> {
    let what = prop_oneof![
        8 => Just(What::Message),
        2 => Just(What::Notice),
        1 => Just(What::Request),
        1 => Just(What::OtherMeta),
        1 => Just(What::BotOffline),
        1 => Just(What::BotOnline),
        1 => Just(What::Lifecycle),
        2 => any::<bool>().prop_map(|online| What::Heartbeat { online }),
    ];
    let padding = prop_oneof![4 => Just(0_usize), 4 => 1..400_usize, 1 => Just(70_000_usize)];
    let account = prop::option::weighted(0.8, account());
    (what, account, any::<Pick>(), padding).prop_map(|(what, account, echo, padding)| Event {
        what,
        account,
        echo,
        padding,
    })
}

fn time() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 1..3000_u64, 2 => Just(8000_u64), 1 => 20_000..70_000_u64]
}
