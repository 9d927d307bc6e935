//! The pages: what somebody sees who opens the node's address in a browser.
//!
//! They are the same files in every build that has them, and hold nothing of the node: what they show they ask
//! for, with a session. Every address that leads nowhere else is one of theirs.

use std::{borrow::Cow, fmt, io::Read, sync::Arc};

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use perpetua_words::http as words;

use crate::{refusal::Refusal, site::Site};

/// The page that all addresses of the pages lead to.
const INDEX: &str = "index.html";
/// Files whose names change with their content, below this.
const HASHED: &str = "assets/";
/// What a page of ours may do: talk to this node, and nothing else. Styles are made while it runs.
const MAY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                   img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; \
                   manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of the pages.
#[derive(Clone, Copy)]
pub struct PageFile {
    /// Where it is, for example `assets/index.js`.
    pub path: &'static str,
    /// What is in it.
    pub content: &'static [u8],
    /// Whether the content is compressed with gzip.
    pub is_gzip: bool,
    /// Changes whenever the content does.
    pub tag: &'static str,
}

/// The pages that a build brings along.
#[derive(Clone, Copy)]
pub struct Pages(&'static [PageFile]);

impl Pages {
    /// Of a build without them.
    pub const NONE: Self = Self(&[]);

    /// These files; without an `index.html` there are no pages.
    pub const fn new(files: &'static [PageFile]) -> Self {
        Self(files)
    }

    /// Whether there are any.
    pub fn are_there(&self) -> bool {
        self.file(INDEX).is_some()
    }

    fn file(&self, path: &str) -> Option<&'static PageFile> {
        self.0.iter().find(|file| file.path == path)
    }
}

impl fmt::Debug for PageFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.path)
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0).finish()
    }
}

/// `GET` of anything that no other route answers.
pub(crate) async fn page(
    State(site): State<Arc<Site>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    let is_read = matches!(method, Method::GET | Method::HEAD);
    let file = site.pages.file(path).filter(|file| file.path != INDEX);
    match file {
        Some(file) if is_read => give(file, &headers),
        _ if is_read && wants_page(&headers) && !path.starts_with(HASHED) => {
            let index = site.pages.file(INDEX);
            index.map_or_else(without, |index| give(index, &headers))
        }
        _ if is_read && path.is_empty() => TEXT.into_response(),
        _ => {
            let message = words::NothingHere { path: uri.path() };
            Refusal::new(StatusCode::NOT_FOUND, message).into_response()
        }
    }
}

/// Whether somebody looks at it, rather than a program asking.
fn wants_page(headers: &HeaderMap) -> bool {
    names(headers, &header::ACCEPT, "text/html")
}

/// Whether one of a header's values is this one, and not refused.
fn names(headers: &HeaderMap, header: &header::HeaderName, value: &str) -> bool {
    let lines = headers.get_all(header).into_iter();
    let mut items = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    items.any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_meant = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(value));
        is_meant && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn give(file: &PageFile, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", file.tag);
    let is_known = names(asked, &header::IF_NONE_MATCH, &tag)
        || names(asked, &header::IF_NONE_MATCH, &format!("W/{tag}"));
    let packed = file.is_gzip && names(asked, &header::ACCEPT_ENCODING, "gzip");
    let body = match (is_known, packed || !file.is_gzip) {
        (true, _) => Body::empty(),
        (false, true) => Body::from(file.content),
        (false, false) => Body::from(unpacked(file.content)),
    };
    let mut answer = Response::new(body);
    if is_known {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = answer.headers_mut();
    let keep = if file.path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    for (name, value) in [
        (header::CONTENT_TYPE, Cow::from(kind(file.path))),
        (header::CACHE_CONTROL, keep.into()),
        (header::VARY, "Accept, Accept-Encoding".into()),
        (header::CONTENT_SECURITY_POLICY, MAY.into()),
        (header::ETAG, tag.into()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    if packed && !is_known {
        let gzip = HeaderValue::from_static("gzip");
        headers.insert(header::CONTENT_ENCODING, gzip);
    }
    answer
}

/// What the build has compressed; that it can be read again is seen by the build's own test.
fn unpacked(content: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    match GzDecoder::new(content).read_to_end(&mut all) {
        Ok(_) => all,
        Err(_) => Vec::new(),
    }
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, kind)| kind) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A browser at a build without pages.
fn without() -> Response {
    format!("{WITHOUT}\n\n{TEXT}").into_response()
}

const WITHOUT: &str = "\
这个 perpetua 编译时没有带上网页界面。装好 Node.js 后运行 cargo xtask run，它会先构建界面再启动。
桌面版的界面就是它自己的窗口。

This perpetua was compiled without its web pages. With Node.js installed, cargo xtask run builds them first.
In the desktop program the window is what they would show.
";

const TEXT: &str = "\
perpetua 正在运行。

  perpetuad ui                      打开网页界面的链接和令牌
  perpetuad status                  查看账号和客户端的状态
  perpetuad guide                   显示要粘贴到机器人框架里的内容
  perpetuad token ACCOUNT/CLIENT    显示某个客户端的令牌
  perpetuad say GROUP|USER \"你好\"   在模拟器里说一句话
  perpetuad watch                   观看模拟器里的对话
  /healthz  /metrics                健康检查和 Prometheus 指标

在这台电脑的终端里运行上面的命令；机器人框架的接入方法见 README.zh-CN.md。


perpetua is running.

  perpetuad ui                      a link to the web pages, and their token
  perpetuad status                  how the accounts and clients stand
  perpetuad guide                   what to paste into a bot framework
  perpetuad token ACCOUNT/CLIENT    a client's token
  perpetuad say GROUP|USER \"hello\"  say something in the simulator
  perpetuad watch                   watch what is said there
  /healthz  /metrics                health and Prometheus metrics

Type the commands in a terminal on this machine; README.md says how to connect a bot framework.
";
