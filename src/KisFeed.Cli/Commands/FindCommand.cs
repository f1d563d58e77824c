using KisFeed.Cli.Gateways;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed find</c>: finds the keys of instruments by name.</summary>
internal sealed class FindCommand : KisFeedCommand
{
    private readonly InstrumentMatches _matches = new(
        UiText.Of(
            "A code or its beginning, part of a Korean or English name, or the initial consonants of a Korean name (ㅅㅅㅈㅈ). Case and "
                + "spaces are ignored.",
            "종목코드나 그 앞부분, 한글 이름이나 영어 이름의 일부, 또는 초성(ㅅㅅㅈㅈ). 대소문자와 띄어쓰기는 가리지 않습니다."),
        ArgumentArity.OneOrMore);

    private readonly MastersOption _masters = new();
    private readonly InstrumentsOption _instruments;

    public FindCommand(CommandHost host)
        : base(host, "find", UiText.Of(
            "Find the keys of instruments by name or code, best match first, and the feeds that have them.",
            "이름이나 코드로 종목의 키와 그 키를 쓰는 피드 찾기. 가장 잘 맞는 것부터."))
    {
        _instruments = new InstrumentsOption(_masters);
        this.AddAll([_matches.Text, _masters, _instruments, .. _matches.Options]);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed find 삼성", UiText.Of("names that contain 삼성", "이름에 삼성이 있는 종목")),
        ("kisfeed find ㅅㅅㅈㅈ", UiText.Of("by initial consonants", "초성으로")),
        ("kisfeed find kospi 200 --json", UiText.Of("for programs", "프로그램용")),
        ("kisfeed find 카카오뱅크 --masters masters", UiText.Of(
            "in all master files of the broker in a folder",
            "폴더에 있는 증권사의 모든 마스터파일에서")),
        ("kisfeed find 애플 --masters nasmst.cod.zip", UiText.Of("in one of them", "마스터파일 하나에서")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes => [(ExitCode.NotFound, UiText.Of(
        "nothing was found",
        "찾은 것이 없음"))];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var instruments = await _instruments.ReadAsync(Host, arguments, cancellationToken);
        var hint = _masters.PathOf(Host, arguments) is { } path
            ? UiText.Of(
                $"'kisfeed masters {path}' shows which instruments are known",
                $"어떤 종목을 아는지는 'kisfeed masters {path}'로 볼 수 있습니다")
            : UiText.Of(
                $"Only the indices and the simulator's instruments are known; {_masters.Name} DIR adds those of the broker's master files",
                $"지수와 시뮬레이터의 종목만 알고 있으니, 다른 종목은 {_masters.Name} DIR로 증권사의 마스터파일을 지정해 더하세요");
        return await _matches.WriteAsync(Host, arguments, instruments, hint, cancellationToken);
    }
}
