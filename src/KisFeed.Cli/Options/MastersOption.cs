namespace KisFeed.Cli.Options;

/// <summary>
/// <c>--masters</c>: the broker's master files (종목 마스터파일), with the names of instruments and the decimal places of prices.
/// </summary>
internal sealed class MastersOption() : ValueOption<string?>(OptionName, "FILE|DIR",
    UiText.Of(
        "The broker's master files (종목 마스터파일), packed or not, such as kospi_code.mst.zip: the names of instruments, and the decimal "
            + $"places of prices of overseas futures and options, which the broker sends without them. [{Variable}, else none]",
        "증권사의 종목 마스터파일(kospi_code.mst.zip 등)이나 그 폴더. 압축을 풀지 않아도 됩니다. 종목 이름과, 증권사가 소수점 없이 보내는 해외선물·옵션 가격의 소수점 "
            + $"자릿수를 읽습니다. [{Variable}, 없으면 쓰지 않음]"))
{
    public const string OptionName = "--masters";

    private const string Variable = "KISFEED_MASTERS";

    /// <summary>Returns the file or folder that the option or the variable names; <see langword="null"/> if neither does.</summary>
    /// <exception cref="CommandException">It is not a master file, or a folder without any.</exception>
    public string? PathOf(CommandHost host, ParseResult arguments) => Find(host, arguments)?.Path;

    /// <summary>Returns the decimal places of prices; <see langword="null"/> if no file has any.</summary>
    /// <exception cref="CommandException">The path is not a master file, or a folder without any.</exception>
    public PriceScales? ReadScales(CommandHost host, ParseResult arguments) =>
        Find(host, arguments) is { } found && found.Sources.Any(PriceScales.AreIn) ? PriceScales.Load(found.Path) : null;

    private (string Path, IReadOnlyList<MasterSource> Sources)? Find(CommandHost host, ParseResult arguments)
    {
        var given = arguments.GetValue(this);
        if ((given ?? host.Variable(Variable)) is not { } path)
            return null;
        var sources = MasterSource.Find(path);
        if (sources.Count > 0)
            return (path, sources);
        var name = given is null ? Variable : OptionName;
        throw new CommandException(Directory.Exists(path)
            ? UiText.Of(
                $"{name}: {path} has no master file (*.mst, *.cod, *.mst.zip, *.cod.zip): download the broker's and put them there",
                $"{name}: {path} 폴더에 마스터파일(*.mst, *.cod, *.mst.zip, *.cod.zip)이 없습니다. 증권사에서 내려받아 넣으세요")
            : UiText.Of(
                $"{name}: {path} is neither a folder nor a master file: use the broker's, such as kospi_code.mst, under their own names",
                $"{name}: '{path}': 폴더도 마스터파일도 아닙니다. kospi_code.mst처럼 증권사의 파일을 원래 이름으로 쓰세요"));
    }
}
