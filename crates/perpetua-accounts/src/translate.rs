//! The settings' types as the hub's.

use perpetua_config as config;
use perpetua_hub as hub;

pub(crate) fn limits(account: &config::Account) -> hub::AccountLimits {
    hub::AccountLimits {
        answer: account.action_timeout,
        unsent: account.unsent_timeout,
        max_frame_size: account.max_frame_size,
    }
}

pub(crate) fn client(client: &config::Client) -> hub::ClientSettings {
    hub::ClientSettings {
        profile: profile(client.profile),
        queue: hub::QueueLimits {
            frames: client.queue.events,
            bytes: client.queue.bytes,
            when_full: match client.queue.when_full {
                config::WhenFull::DropOldest => hub::OverflowPolicy::DropOldest,
                config::WhenFull::Disconnect => hub::OverflowPolicy::Disconnect,
            },
        },
        max_connections: client.max_connections,
        max_pending_actions: client.max_pending_actions,
        heartbeat: client.heartbeat,
        format: format(client.format),
        named: true,
        posted: matches!(client.kind, config::ClientKind::Post(_)),
        framework: client.framework.map(framework),
        servers: client.servers().iter().map(ToString::to_string).collect(),
    }
}

fn framework(framework: config::ClientFramework) -> hub::FrameworkKind {
    match framework {
        config::ClientFramework::Nonebot => hub::FrameworkKind::Nonebot,
        config::ClientFramework::Koishi => hub::FrameworkKind::Koishi,
        config::ClientFramework::Astrbot => hub::FrameworkKind::Astrbot,
    }
}

fn format(format: config::ClientFormat) -> Option<hub::MessageFormat> {
    match format {
        config::ClientFormat::AsSent => None,
        config::ClientFormat::Array => Some(hub::MessageFormat::Array),
        config::ClientFormat::String => Some(hub::MessageFormat::String),
    }
}

pub(crate) fn profile(profile: config::Profile) -> hub::ClientProfile {
    match profile {
        config::Profile::Standard => hub::ClientProfile::Standard,
        config::Profile::Perpetua => hub::ClientProfile::Perpetua,
    }
}
