//! `GET /`: what somebody sees who opens the node's address in a browser.

/// Plain text, because there is nothing to click on.
pub(crate) async fn page() -> &'static str {
    TEXT
}

const TEXT: &str = "\
perpetua 正在运行。

  perpetuad status                  查看账号和客户端的状态
  perpetuad guide                   显示要粘贴到机器人框架里的内容
  perpetuad token ACCOUNT/CLIENT    显示某个客户端的令牌
  perpetuad say GROUP|USER \"你好\"   在模拟器里说一句话
  perpetuad watch                   观看模拟器里的对话
  /healthz  /metrics                健康检查和 Prometheus 指标

在这台电脑的终端里运行上面的命令；机器人框架的接入方法见 README.zh-CN.md。


perpetua is running.

  perpetuad status                  how the accounts and clients stand
  perpetuad guide                   what to paste into a bot framework
  perpetuad token ACCOUNT/CLIENT    a client's token
  perpetuad say GROUP|USER \"hello\"  say something in the simulator
  perpetuad watch                   watch what is said there
  /healthz  /metrics                health and Prometheus metrics

Type the commands in a terminal on this machine; README.md says how to connect a bot framework.
";
