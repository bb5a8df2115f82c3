//! What platforms, programs and people call the boxes that a paste comes from.

/// Which box a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Server,
    /// A server for when the first one fails.
    Backup,
    Key,
    User,
    Password,
    /// Where people watch.
    Play,
    /// Something that a push over RTMP does not need.
    Other,
}

/// How a label is told from the same word in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// By itself.
    Itself,
    /// Only by a colon or `=` behind it.
    Marked,
}

const TABLE: &[(Label, Told, &[&str])] = &[
    (
        Label::Server,
        Told::Itself,
        &[
            "server url",
            "server address",
            "server",
            "stream url",
            "streaming url",
            "stream server",
            "rtmp server",
            "rtmps url",
            "rtmp url",
            "rtmp address",
            "rtmps address",
            "push url",
            "pushurl",
            "push address",
            "pushaddr",
            "push addr",
            "ingest server",
            "ingest url",
            "ingest endpoint",
            "ingest",
            "ingestion url",
            "primary url",
            "primary server url",
            "服务器地址",
            "服务器",
            "伺服器位址",
            "伺服器",
            "服務器",
            "推流地址",
            "推流網址",
            "推流网址",
            "推流域名",
            "推流服务器",
            "推流url",
            "主推流",
            "推流",
            "串流地址",
            "串流網址",
            "串流网址",
            "串流伺服器",
            "rtmp地址",
            "rtmp 地址",
            "rtmp服务器",
            "直播地址",
            "直播网址",
            "直播網址",
            "接收地址",
            "地址",
            "网址",
            "서버 url",
            "서버 주소",
            "스트림 url",
            "서버",
            "サーバーurl",
            "サーバー url",
            "サーバー",
            "サーバ",
            "配信url",
            "配信先url",
            "сервер",
            "адрес сервера",
            "url сервера",
            "ссылка сервера",
            "שרת",
            "servidor",
            "serveur",
            "url del servidor",
            "url do servidor",
            "url du serveur",
            "máy chủ",
            "sunucu",
        ],
    ),
    (Label::Server, Told::Marked, &["url", "address", "app url", "tcurl", "rtmp", "rtmps", "адрес", "serveur url"]),
    (
        Label::Backup,
        Told::Itself,
        &[
            "backup server url",
            "backup server",
            "backup url",
            "backup stream url",
            "backup ingest",
            "secondary server",
            "secondary url",
            "fallback server",
            "fallback url",
            "备推流地址",
            "备推流",
            "备用推流地址",
            "备用服务器",
            "备用地址",
            "备用推流",
            "备用线路",
            "備用伺服器",
            "備用網址",
            "备份服务器",
            "备份地址",
            "备服务器",
            "预备推流",
            "예비 서버",
            "백업 서버",
            "予備サーバー",
            "バックアップサーバー",
            "резервный сервер",
        ],
    ),
    (Label::Backup, Told::Marked, &["backup", "备用", "备份", "备", "secondary"]),
    (
        Label::Key,
        Told::Itself,
        &[
            "rtmp stream key",
            "rtmps stream key",
            "primary stream key",
            "stream key",
            "streaming key",
            "stream name",
            "streamkey",
            "streamname",
            "rtmps key",
            "rtmp key",
            "rtmp playpath",
            "playpath",
            "key",
            "串流密钥",
            "串流密鑰",
            "串流金鑰",
            "串流码",
            "串流碼",
            "串流名称",
            "串流名稱",
            "串流密码",
            "推流密钥",
            "推流密鑰",
            "推流金鑰",
            "推流码",
            "推流碼",
            "推流名称",
            "推流密码",
            "推流key",
            "直播码",
            "直播碼",
            "直播密钥",
            "直播密鑰",
            "直播金鑰",
            "直播密码",
            "流密钥",
            "流密鑰",
            "流名称",
            "流名稱",
            "流名",
            "密钥",
            "密鑰",
            "金鑰",
            "秘钥",
            "스트림 키",
            "방송 키",
            "스트림키",
            "ストリームキー",
            "配信キー",
            "ストリーム名",
            "ключ потока",
            "ключ трансляции",
            "ключ стрима",
            "ключ",
            "מפתח",
            "streamschlüssel",
            "stream schlüssel",
            "schlüssel",
            "clave de transmisión",
            "clave de retransmisión",
            "clave",
            "clé de stream",
            "clé de flux",
            "clé",
            "chave de transmissão",
            "chave da transmissão",
            "chave",
            "khóa luồng",
            "yayın anahtarı",
            "chiave",
        ],
    ),
    (Label::Key, Told::Marked, &["stream", "stream id", "码", "碼"]),
    (
        Label::User,
        Told::Itself,
        &[
            "username",
            "user name",
            "login name",
            "用户名",
            "用戶名",
            "使用者名稱",
            "帐号",
            "账号",
            "帳號",
            "账户",
            "사용자 이름",
            "ユーザー名",
            "имя пользователя",
            "логин",
        ],
    ),
    (
        Label::User,
        Told::Marked,
        &["user", "login", "account", "用户", "auth user", "usuario", "benutzer", "benutzername"],
    ),
    (Label::Password, Told::Itself, &["password", "密码", "密碼", "口令", "비밀번호", "パスワード", "пароль"]),
    (Label::Password, Told::Marked, &["pass", "pwd", "passwd", "auth password", "contraseña", "passwort"]),
    (
        Label::Play,
        Told::Itself,
        &[
            "playback url",
            "play url",
            "playurl",
            "watch url",
            "watch link",
            "播放地址",
            "播放链接",
            "播放網址",
            "播流地址",
            "拉流地址",
            "拉流",
            "观看地址",
            "观看链接",
            "觀看網址",
            "시청 주소",
            "視聴url",
        ],
    ),
    (
        Label::Other,
        Told::Itself,
        &[
            "srt url",
            "srt stream id",
            "srt streamid",
            "srt passphrase",
            "srt 地址",
            "srt地址",
            "webrtc url",
            "webrtc 地址",
            "webrtc地址",
            "whip url",
            "whip地址",
            "whip 地址",
            "bearer token",
            "passphrase",
            "api key",
            "api token",
            "access token",
            "会议密码",
            "会议号",
            "入会密码",
            "meeting id",
            "推流平台名称",
            "平台名称",
            "直播间标题",
            "房间号",
            "stream title",
            "event id",
        ],
    ),
];

/// The label at the start of `text`, how it is told, and its length in bytes.
pub(super) fn at_start(text: &str) -> Option<(Label, Told, usize)> {
    let mut best: Option<(Label, Told, usize)> = None;
    for (label, told, names) in TABLE {
        for name in *names {
            let Some(length) = prefix(text, name) else { continue };
            let ascii = name.ends_with(|c: char| !is_cjk(c));
            let cut = text[length..].chars().next();
            let whole = !ascii || !cut.is_some_and(|c| c == '_' || (c.is_alphanumeric() && !is_cjk(c)));
            if whole && best.is_none_or(|(.., longest)| longest < length) {
                best = Some((*label, *told, length));
            }
        }
    }
    best
}

/// Length of `name` at the start of `text` in any case, where a blank of the name may also be `_`, `-`, more or none.
fn prefix(text: &str, name: &str) -> Option<usize> {
    let mut rest = text;
    for c in name.chars() {
        if c == ' ' {
            rest = rest.trim_start_matches([' ', '_', '-']);
            continue;
        }
        let first = rest.chars().next()?;
        if first.to_lowercase().next() != Some(c) {
            return None;
        }
        rest = &rest[first.len_utf8()..];
    }
    Some(text.len() - rest.len())
}

/// Whether words of this script stand without blanks between them.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}
