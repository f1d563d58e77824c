namespace KisFeed.Cli.Options;

/// <summary>What a server does for clients that were written for an earlier state of the broker's service.</summary>
internal sealed class CompatibilityOptions
{
    private const string PerSession = "per-session";
    private const string PerRegistration = "per-registration";

    private readonly ValueOption<string?> _revision = new("--revision", "NAME",
        "Cut records to the columns that clients were written for: 2025, 2024 or the number of columns of each feed, e.g. "
            + "H0STCNT0=46,H0STASP0=59. With single each record has a frame of its own: 2025,single. A client's address may name another: "
            + "ws://…/revision/2024. [as the broker sends]");

    private readonly ValueOption<string> _aes = new("--aes", $"{PerSession}|{PerRegistration}",
        $"Use one AES key and IV for all order notices of a session, or one pair for each registration. [{PerSession}]");

    public CompatibilityOptions() => _aes.AcceptOnlyFromAmong(PerSession, PerRegistration);

    public Option[] All => [_revision, _aes];

    public string? RevisionOf(ParseResult arguments) => arguments.GetValue(_revision);

    public bool UsesAesPerRegistration(ParseResult arguments) => arguments.GetValue(_aes) == PerRegistration;
}
