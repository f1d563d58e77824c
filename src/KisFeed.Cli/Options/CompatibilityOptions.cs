namespace KisFeed.Cli.Options;

/// <summary>What a server does for clients that were written for an earlier state of the broker's service.</summary>
internal sealed class CompatibilityOptions
{
    private const string PerSession = "per-session";
    private const string PerRegistration = "per-registration";

    private readonly ValueOption<string?> _revision = new("--revision", "NAME",
        UiText.Of(
            "Cut records to the columns that clients were written for: 2025, 2024 or the number of columns of each feed, e.g. "
                + "H0STCNT0=46,H0STASP0=59. With single each record has a frame of its own: 2025,single. A client's address may name "
                + "another: ws://…/revision/2024. [as the broker sends]",
            "클라이언트가 만들어질 때의 컬럼까지만 레코드를 보냄: 2025, 2024, 또는 피드별 컬럼 수(예: H0STCNT0=46,H0STASP0=59). single을 붙이면 프레임 하나에 레코드 하나씩: "
                + "2025,single. 클라이언트는 주소로 다르게 지정할 수 있습니다: ws://…/revision/2024. [증권사가 보내는 그대로]"));

    private readonly ValueOption<string> _aes = new("--aes", $"{PerSession}|{PerRegistration}",
        UiText.Of(
            $"Use one AES key and IV for all order notices of a session, or one pair for each registration. [{PerSession}]",
            $"주문 통보의 AES 키와 IV를 세션마다 한 쌍 쓸지, 등록마다 한 쌍 쓸지. [{PerSession}]"));

    public CompatibilityOptions() => _aes.AcceptOnlyFromAmong(PerSession, PerRegistration);

    public Option[] All => [_revision, _aes];

    public string? RevisionOf(ParseResult arguments) => arguments.GetValue(_revision);

    public bool UsesAesPerRegistration(ParseResult arguments) => arguments.GetValue(_aes) == PerRegistration;
}
