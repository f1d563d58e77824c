using KisFeed.Cli.Gateways;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed find</c>: finds the keys of instruments by name.</summary>
internal sealed class FindCommand : KisFeedCommand
{
    private readonly InstrumentMatches _matches = new(
        "A code or its beginning, part of a Korean or English name, or the initial consonants of a Korean name (ㅅㅅㅈㅈ). "
            + "Case and spaces are ignored.",
        ArgumentArity.OneOrMore);

    private readonly MastersOption _masters = new();
    private readonly InstrumentsOption _instruments;

    public FindCommand(CommandHost host)
        : base(host, "find", "Find the keys of instruments by name or code, best match first, and the feeds that have them.")
    {
        _instruments = new InstrumentsOption(_masters);
        this.AddAll([_matches.Text, _masters, _instruments, .. _matches.Options]);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed find 삼성", "names that contain 삼성"),
        ("kisfeed find ㅅㅅㅈㅈ", "by initial consonants"),
        ("kisfeed find kospi 200 --json", "for programs"),
        ("kisfeed find 카카오뱅크 --masters masters", "in all master files of the broker in a folder"),
        ("kisfeed find 애플 --masters nasmst.cod.zip", "in one of them"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes => [(ExitCode.NotFound, "nothing was found")];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var instruments = await _instruments.ReadAsync(Host, arguments, cancellationToken);
        var hint = _masters.PathOf(Host, arguments) is null
            ? $"Only the indices and the simulator's instruments are known; {_masters.Name} DIR adds those of the broker's master files"
            : $"'kisfeed masters {_masters.PathOf(Host, arguments)}' shows which instruments are known";
        return await _matches.WriteAsync(Host, arguments, instruments, hint, cancellationToken);
    }
}
