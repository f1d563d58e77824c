namespace KisFeed.Cli.Hosting;

/// <summary>
/// Messages of libraries in the language of the user: of KisFeed, which is English for all programs, of System.CommandLine and of .NET.
/// A message that is not in the list stays English.
/// </summary>
internal static class LibraryText
{
    private const string Advice = "; ";
    private const string Place = ": ";

    /// <summary>
    /// Messages beside their Korean, with <c>{0}</c>, <c>{1}</c> … for the parts that vary. A part may be a message too. The first that
    /// fits is used.
    /// </summary>
    public static IReadOnlyList<(string English, string Korean)> Messages { get; } =
    [
        // System.CommandLine
        ("Unrecognized command or argument '{0}'.", "알 수 없는 명령 또는 인수: '{0}'."),
        ("'{0}' was not matched. Did you mean one of the following?", "'{0}': 찾을 수 없습니다. 혹시 다음 중 하나인가요?"),
        ("Required command was not provided.", "명령을 지정하지 않았습니다."),
        ("Required argument '{0}' missing for command: '{1}'.", "'{1}' 명령에 필요한 인수가 없습니다: {0}."),
        ("Required argument missing for option: '{0}'.", "'{0}' 옵션에 값이 없습니다."),
        ("Option '{0}' is required.", "'{0}' 옵션이 필요합니다."),
        ("Option '{0}' expects a single argument but {1} were provided.", "'{0}' 옵션에는 값을 하나만 쓸 수 있습니다({1}개를 썼습니다)."),
        ("Argument '{0}' not recognized. Must be one of:", "'{0}': 쓸 수 없는 값입니다. 다음 중 하나를 쓰세요:"),
        ("Cannot parse argument '{0}' for option '{1}' as expected type '{2}'.", "'{0}': {1} 옵션에 쓸 수 있는 값이 아닙니다."),
        ("Cannot parse argument '{0}' for command '{1}' as expected type '{2}'.", "'{0}': {1} 명령에 쓸 수 있는 값이 아닙니다."),
        ("{0} option cannot be combined with other arguments.", "{0} 옵션은 다른 인수와 함께 쓸 수 없습니다."),

        // .NET
        ("Connection refused ({0})", "접속을 받는 프로그램이 없음({0})"),
        ("Could not find file '{0}'.", "'{0}' 파일이 없습니다."),
        ("Could not find a part of the path '{0}'.", "'{0}' 경로가 없습니다."),
        ("Access to the path '{0}' is denied.", "'{0}' 경로에 접근할 권한이 없습니다."),
        ("No space left on device : '{0}'", "디스크에 남은 공간이 없습니다: '{0}'"),
        ("No space left on device", "디스크에 남은 공간이 없습니다"),

        // Configuration
        ("KISFEED_APPKEY and KISFEED_APPSECRET are not set. {0}", "KISFEED_APPKEY와 KISFEED_APPSECRET이 설정되어 있지 않습니다. {0}"),
        ("KISFEED_APPKEY and KISFEED_APPSECRET are not set, and {0}", "KISFEED_APPKEY와 KISFEED_APPSECRET이 설정되어 있지 않고, {0}"),
        ("there is no {0} with {1} and {2}. {3}", "{1}과 {2} 값이 있는 {0} 파일도 없습니다. {3}"),
        ("{0} still contains the template's text for {1} and {2}. {3}", "{0} 파일의 {1}과 {2} 값은 아직 템플릿의 안내 문구입니다. {3}"),
        ("{0} and {1} are not set in {2}. {3}", "{2} 파일에도 {0}과 {1} 값이 없습니다. {3}"),
        (
            "Set one of these pairs to the app key and the app secret that KIS Developers issued.",
            "둘 중 한 곳에 KIS Developers에서 발급받은 앱키와 앱 시크릿을 설정하세요."),
        (
            "{0} still contains the template's text for {1}: put what KIS Developers issued there.",
            "{0} 파일의 {1} 값은 아직 템플릿의 안내 문구입니다. KIS Developers에서 발급받은 값으로 바꾸세요."),
        (
            "{0} names {1}, which does not exist. Set it to a file such as kis_devlp.yaml of the official samples.",
            "{0}: {1} 파일이 없습니다. 공식 샘플의 kis_devlp.yaml과 같은 파일을 지정하세요."),
        ("{0} and {1} are both set. Set one of them.", "{0}, {1}: 둘 다 설정되어 있습니다. 하나만 설정하세요."),
        ("{0} is empty. Write the secret to the file.", "{0}: 비어 있습니다. 파일에 비밀 값을 쓰세요."),
        ("default", "기본값"),
        ("not set", "설정하지 않음"),
        ("the layout file {0} cannot be read: {1}", "레이아웃 파일 {0}: 읽을 수 없습니다: {1}"),

        // Approval key
        ("{0} issued no approval key (HTTP {1}): {2}", "{0}: 접속키를 발급받지 못했습니다(HTTP {1}): {2}"),
        ("correct {0}: the app key must be one of this service ({1})", "앱키가 틀렸거나 이 서비스({1})의 것이 아닙니다. 고칠 곳: {0}"),
        (
            "correct {0}: the app secret must be the one that belongs to the app key",
            "앱 시크릿이 이 앱키의 것이 아닙니다. 고칠 곳: {0}"),
        ("too many requests: wait a minute and try again", "요청이 너무 잦습니다. 1분 뒤에 다시 하세요"),
        ("the service failed: try again later", "서비스에 문제가 있습니다. 나중에 다시 하세요"),
        ("the answer is not in the documented format: check the address", "응답이 알려진 형식이 아닙니다. 주소를 확인하세요"),
        ("the request was rejected: see the broker's code", "요청이 거부되었습니다. 증권사의 오류 코드를 확인하세요"),

        // Connection
        ("{0} cannot be reached: {1}", "{0}: 접속할 수 없습니다: {1}"),
        ("{0} refused the connection: {1}", "{0}: 접속을 거부했습니다: {1}"),
        (
            "the name {0} cannot be resolved ({1}): check the name, and this machine's name servers",
            "{0}: 이름을 찾을 수 없습니다({1}). 이름과 이 컴퓨터의 DNS 설정을 확인하세요"),
        (
            "{0} does not speak TLS at port {1}: use {2}://, or the port where it does",
            "{0}: {1} 포트는 TLS를 쓰지 않습니다. {2}://로 바꾸거나 TLS 포트를 쓰세요"),
        ("the TLS handshake with {0} failed: {1}", "{0}: TLS 연결에 실패했습니다: {1}"),
        (
            "{0} ended the TLS connection without an answer. It may require a client certificate: if so, present a valid one",
            "{0}: 응답 없이 TLS 연결을 끊었습니다. 클라이언트 인증서를 요구하는 서버라면 유효한 인증서를 지정하세요"),
        (
            "{0} ended the connection without an HTTP answer, as a server does that speaks TLS at port {1}: if it does, use {2}://",
            "{0}: HTTP 응답 없이 연결을 끊었습니다. {1} 포트가 TLS를 쓴다면 {2}://로 바꾸세요"),
        ("the certificate of {0} is refused: {1}", "{0}: 인증서를 쓸 수 없습니다: {1}"),
        (
            "it is for {0}: connect by such a name, or give the server a certificate for {1}",
            "{0}의 인증서입니다. 그 이름으로 접속하거나 {1}의 인증서로 바꾸세요"),
        (
            "it expired on {0}: renew it on the server, or set this machine's clock right",
            "{0}에 만료되었습니다. 서버의 인증서를 갱신하거나 이 컴퓨터의 시계를 맞추세요"),
        (
            "it is not trusted, being {0}: if it is the right one, have this machine trust it (on Linux SSL_CERT_FILE=FILE or "
                + "update-ca-certificates)",
            "신뢰할 수 없습니다({0}). 맞는 인증서라면 이 컴퓨터가 신뢰하도록 하세요(Linux는 SSL_CERT_FILE=FILE 또는 update-ca-certificates)"),
        ("self-signed", "자체 서명"),
        ("issued by {0}, which is unknown here", "발급 기관 {0}을 모름"),
        (
            "no connection to {0} within {1} s, with an approval key from {2}: check the network and the addresses, or allow more time "
                + "to connect",
            "{0}: {1}초 안에 접속하지 못했습니다(접속키는 {2}). 네트워크와 주소를 확인하세요"),
        ("the connection was lost", "연결이 끊겼습니다"),
        ("the server closed the connection", "서버가 연결을 닫았습니다"),
        ("the connection broke: {0}", "연결이 끊겼습니다: {0}"),
        ("nothing arrived for {0} s", "{0}초 동안 아무것도 오지 않았습니다"),
        ("the gateway closed the connection", "게이트웨이가 연결을 닫았습니다"),

        // Session
        ("the server refused the session: {0}", "서버가 세션을 거부했습니다: {0}"),
        (
            "another program holds a session with this app key: end it, or wait until the service releases the dead session",
            "이 앱키를 다른 프로그램이 쓰고 있습니다. 그 프로그램을 끝내거나, 끊긴 세션을 증권사가 풀 때까지 기다리세요"),
        (
            "it is likely that another program has taken the app key over since: end it, or use another app key",
            "그사이에 다른 프로그램이 앱키를 쓰기 시작한 것 같습니다. 그 프로그램을 끝내거나 다른 앱키를 쓰세요"),
        (
            "it is likely that another program, here or on another machine, holds a session with this app key all the time: end it, share "
                + "its session, or use another app key",
            "이 컴퓨터나 다른 컴퓨터의 프로그램이 이 앱키를 계속 쓰고 있는 것 같습니다. 그 프로그램을 끝내거나, 게이트웨이로 세션을 나눠 쓰거나, 다른 앱키를 쓰세요"),
        (
            "no further attempt is made: correct the credentials and start again",
            "다시 시도하지 않습니다. 앱키와 앱 시크릿을 고친 다음 다시 시작하세요"),
        ("no further attempt is made", "다시 시도하지 않습니다"),
        (
            "this server does not know the approval keys that {0} issues, so check that the WebSocket address, the REST address and the "
                + "environment belong together",
            "이 서버는 {0}에서 발급한 접속키를 모릅니다. 웹소켓 주소, REST 주소, 환경이 같은 서비스의 것인지 확인하세요"),
        (
            "given up after {0}, after {1} failed attempts: check that the app key may use this service and is not blocked",
            "{0} 동안 {1}번 실패하여 포기했습니다. 이 서비스를 쓸 수 있는 앱키인지, 차단되지 않았는지 확인하세요"),
        (
            "given up after {0}, after {1} silent connections: if the service is merely quiet, allow a longer time without messages than "
                + "{2} s",
            "{0} 동안 {1}번 접속했지만 아무것도 오지 않아 포기했습니다. 조용한 서비스라면 {2}초보다 오래 기다리게 하세요"),
        ("given up after {0}", "{0} 뒤에 포기했습니다"),

        // Registrations
        ("{0} was refused: {1}", "{0}: 등록이 거부되었습니다: {1}"),
        ("check the key: it is the {0}, usually of the form of {1}", "키를 확인하세요. 키는 {0}이며, {1}과 같은 형식입니다"),
        ("check the TR ID and the key of the registration", "TR ID와 키를 확인하세요"),
        (
            "check the HTS ID: it is case-sensitive and must belong to the account of the app key",
            "HTS ID를 확인하세요. 대소문자를 구별하며 앱키의 계좌에 속해야 합니다"),
        (
            "check the app key and the app secret, and that they are for this service (production or mock)",
            "앱키와 앱 시크릿, 그리고 이 서비스(실전투자, 모의투자)의 것인지 확인하세요"),
        ("release a registration or use another app key", "등록을 하나 해제하거나 다른 앱키를 쓰세요"),
        ("issue a new approval key and connect again", "접속키를 새로 발급받아 다시 접속하세요"),
        (
            "try again later; if OPSP0009 persists, the account may lack the entitlement for a paid market",
            "나중에 다시 하세요. OPSP0009가 계속되면 유료 시세 권한이 없는 계좌일 수 있습니다"),
        ("the code is not documented", "문서에 없는 코드입니다"),
        (
            "the server did not answer within {0} s; subscribe again; if that fails too, connect again",
            "서버가 {0}초 안에 응답하지 않았습니다. 다시 등록해 보고, 그래도 안 되면 다시 접속하세요"),
        (
            "{0} holds {1} registrations, which is its limit: release one, or add another app key",
            "세션의 등록 한도 {1}건이 모두 찼습니다. 하나를 해제하거나 앱키를 더하세요"),
        (
            "{0} was not requested: the limit is {1} new registrations per minute and {2} per hour, because the broker blocks app keys "
                + "that register and release in a loop. Keep registrations instead of releasing them, and try again in {3} s",
            "{0}: 등록을 요청하지 않았습니다. 등록과 해제를 되풀이하는 앱키는 증권사가 차단하므로 새 등록은 1분에 {1}건, 1시간에 {2}건까지입니다. 해제하지 말고 유지하며, "
                + "{3}초 뒤에 다시 하세요"),
        (
            "the mock service does not have {0} ({1}: 모의투자 미지원); it is on production only, according to {2}",
            "{0}({1}): 모의투자에서 지원하지 않습니다(근거: {2})"),
        ("{0} is on the mock service only; production has {1} instead", "{0}: 모의투자에만 있습니다. 실전투자에서는 {1}을 쓰세요"),

        // Simulator
        ("'{0}' is not a known fault; known faults: {1}.", "'{0}': 그런 장애가 없습니다. 쓸 수 있는 장애: {1}."),
        ("the fault '{0}' takes no value: write {1}.", "'{0}': 값이 없는 장애입니다. {1}처럼 쓰세요."),
        ("the fault '{0}' lacks a value: write {1}, where {2}.", "'{0}': 값이 없습니다. {1}처럼 쓰세요({2})."),
        ("the fault '{0}' has an invalid value: write {1}, where {2}.", "'{0}': 올바른 값이 아닙니다. {1}처럼 쓰세요({2})."),

        // Captures
        (
            "{0} is neither a file nor a folder: give a capture file, or the folder of 'kisfeed record'",
            "{0}: 그런 파일이나 폴더가 없습니다. 기록 파일이나 'kisfeed record'의 폴더를 쓰세요"),
        (
            "there is no capture in {0}: capture files are named *.log.gz or *.log",
            "{0}: 기록이 없습니다. 기록 파일의 이름은 *.log.gz나 *.log입니다"),
        (
            "another recorder writes to {0}: use another folder, or end the other recorder",
            "{0}: 다른 프로그램이 기록하고 있는 폴더입니다. 다른 폴더를 쓰거나 그 프로그램을 끝내세요"),
        ("CSV has one header and so holds one feed", "CSV는 머리글이 하나여서 피드 하나만 담습니다"),

        // Consumers of the gateway
        (
            "consumer {0} already exists in {1}: choose another name, create new credentials for it with 'kisfeed gateway token rotate "
                + "{2}', or replace it with --replace, which closes its connections",
            "{0}: 이미 {1}에 있는 소비자입니다. 다른 이름을 쓰거나, 'kisfeed gateway token rotate {2}'로 새로 발급하거나, --replace로 바꾸세요(연결이 끊깁니다)"),
        ("there is no consumer {0} in {1}; it has {2}", "{0}: {1}에 없는 소비자입니다. 있는 소비자는 {2}입니다"),
        ("there is no consumer {0} in {1}; it is empty", "{0}: {1}에 없는 소비자입니다. 파일이 비어 있습니다"),

        // Of several
        ("{0} cannot be read: {1}", "{0}: 읽을 수 없습니다: {1}"),
        ("{0} cannot be written: {1}", "{0}: 쓸 수 없습니다: {1}"),
        ("{0} cannot be written to: {1}", "{0}: 쓸 수 없습니다: {1}"),
    ];

    /// <summary>Returns a message in the language of the user.</summary>
    public static string Of(string message)
    {
        if (!Language.IsKorean || message.Length == 0)
            return message;
        foreach (var (english, korean) in Messages)
        {
            if (ValuesIn(message, english) is { } values)
                return string.Format(CultureInfo.InvariantCulture, korean, [.. values.Select(Of)]);
        }

        // The advice after a problem, or the problem after the place where it occurred.
        return Join(message, message.LastIndexOf(Advice, StringComparison.Ordinal), Advice, ". ")
            ?? Join(message, message.IndexOf(Place, StringComparison.Ordinal), Place, Place)
            ?? message;
    }

    /// <summary>Returns the lines of a text, each in the language of the user.</summary>
    public static string OfLines(string lines) => string.Join('\n', lines.Split('\n').Select(Of));

    private static string? Join(string message, int at, string separator, string koreanSeparator)
    {
        if (at < 0)
            return null;
        var (before, after) = (message[..at], message[(at + separator.Length)..]);
        var (first, second) = (Of(before), Of(after));
        return second == after && first == before ? null : $"{first}{koreanSeparator}{second}";
    }

    // The parts of a message that vary, in the order of their numbers; null if it is not this message.
    private static string[]? ValuesIn(string message, string english)
    {
        var fixedParts = FixedPartsOf(english);
        if (!message.StartsWith(fixedParts[0], StringComparison.Ordinal))
            return null;
        var values = new string[fixedParts.Count - 1];
        var position = fixedParts[0].Length;
        for (var i = 0; i < values.Length; i++)
        {
            var next = fixedParts[i + 1];
            var isLast = i == values.Length - 1;
            var end = !isLast ? message.IndexOf(next, position, StringComparison.Ordinal)
                : message.EndsWith(next, StringComparison.Ordinal) ? message.Length - next.Length
                : -1;
            if (end < position)
                return null;
            values[i] = message[position..end];
            position = end + next.Length;
        }

        return position == message.Length ? values : null;
    }

    private static List<string> FixedPartsOf(string english)
    {
        var parts = new List<string>();
        var start = 0;
        for (var number = 0; ; number++)
        {
            var place = $"{{{number}}}";
            var at = english.IndexOf(place, start, StringComparison.Ordinal);
            if (at < 0)
                break;
            parts.Add(english[start..at]);
            start = at + place.Length;
        }

        parts.Add(english[start..]);
        return parts;
    }
}
