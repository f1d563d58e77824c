using System.Text.Json.Serialization;
using KisFeed.Gateway;
using KisFeed.Gateway.Instruments;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed masters</c>: shows what the broker's master files have, and finds instruments in them.</summary>
internal sealed class MastersCommand : KisFeedCommand
{
    private readonly Argument<string> _path = new("DIR")
    {
        Description = UiText.Of(
            "The folder of the broker's master files (종목 마스터파일), packed or not, or one of them.",
            "증권사의 종목 마스터파일이 있는 폴더나 마스터파일 하나. 압축을 풀지 않아도 됩니다."),
        HelpName = "DIR",
    };

    private readonly InstrumentMatches _matches = new(
        UiText.Of(
            "Find instruments in them, as 'kisfeed find' does. [show the files]",
            "'kisfeed find'처럼 그 파일들에서 종목 찾기. [없으면 파일 목록]"),
        ArgumentArity.ZeroOrMore);

    public MastersCommand(CommandHost host)
        : base(host, "masters", UiText.Of(
            "Show which instruments the broker's master files have, and check the files.",
            "증권사의 마스터파일에 있는 종목을 보여 주고 파일을 검사."))
    {
        _path.RefuseOptions();
        this.AddAll([_path, _matches.Text, .. _matches.Options]);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed masters masters", UiText.Of(
            "the files of a folder: how many instruments each has, and one of them",
            "폴더의 파일들: 파일마다 종목 수와 종목 하나")),
        ("kisfeed masters masters --json", UiText.Of("for programs", "프로그램용")),
        ("kisfeed masters masters 카카오뱅크", UiText.Of(
            "what has this name; ㅋㅋㅇㅂㅋ and 323410 find it too",
            "이름으로 찾기. ㅋㅋㅇㅂㅋ나 323410으로도 찾습니다")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, UiText.Of(
            "a file cannot be read, or its content is not valid; all others were",
            "읽을 수 없거나 내용이 잘못된 파일이 있음. 나머지는 읽었음")),
        (ExitCode.NotFound, UiText.Of("nothing was found", "찾은 것이 없음")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var path = arguments.GetRequiredValue(_path);
        if (arguments.GetValue(_matches.Text) is { Length: > 0 })
        {
            var instruments = await ReadAsync(path, cancellationToken);
            var hint = UiText.Of(
                $"'kisfeed masters {path}' shows which files are there",
                $"어떤 파일이 있는지는 'kisfeed masters {path}'로 볼 수 있습니다");
            return await _matches.WriteAsync(Host, arguments, instruments, hint, cancellationToken);
        }

        var sources = MasterSource.Find(path);
        if (sources.Count == 0)
        {
            throw new CommandException(UiText.Of(
                $"{path} is not a folder with master files, such as kospi_code.mst or kospi_code.mst.zip, or one of them",
                $"'{path}': 마스터파일(kospi_code.mst, kospi_code.mst.zip 등)이 있는 폴더도, 마스터파일도 아닙니다"));
        }

        var files = new List<MasterRow>();
        foreach (var source in sources)
        {
            cancellationToken.ThrowIfCancellationRequested();
            files.Add(Read(source));
        }

        await (Host with { Output = Host.DataOutput }).WriteAsync(
            _matches.IsJson(arguments)
                ? string.Concat(files.Select(file => Json.Line(file, MasterRowJson.Default.MasterRow)))
                : TableOf(files),
            cancellationToken);
        foreach (var file in files.Where(file => file.Problem is not null))
            Host.WriteMessage($"kisfeed: {LibraryText.Of(file.Problem!)}");
        return files.Any(file => file.Problem is not null) ? ExitCode.MalformedData : ExitCode.Success;
    }

    private static async Task<IReadOnlyList<Instrument>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await InstrumentFile.ReadAsync(path, cancellationToken);
        }
        catch (KisFeedConfigurationException e)
        {
            throw new CommandException(e.Message, e);
        }
    }

    private static MasterRow Read(MasterSource source)
    {
        var file = Path.GetFileName(source.Path);
        if (MasterFile.Find(source) is not { } master)
            return new MasterRow(file, IsUsed: false, [], 0, 0, null, null);
        try
        {
            var content = master.Read(source);
            var kinds = content.Instruments.Select(instrument => instrument.Kind).Distinct().Select(kind => JsonName.Of(kind));
            var first = content.Instruments.FirstOrDefault();
            return new MasterRow(
                file, IsUsed: true, [.. kinds], content.Instruments.Count, content.Skipped,
                first is null ? null : new MasterExample(first.Code, first.Name), null);
        }
        catch (KisFeedConfigurationException e)
        {
            return new MasterRow(file, IsUsed: true, [], 0, 0, null, e.Message);
        }
    }

    private static string TableOf(List<MasterRow> files)
    {
        var table = TextTable.AtMargin(["file", "-instruments", "-skipped", "kinds", "example"]);
        foreach (var file in files)
        {
            var (counts, kinds) = file switch
            {
                { IsUsed: false } => (("-", "-"), "not used"),
                { Problem: not null } => (("-", "-"), "not readable"),
                _ => (($"{file.Instruments:N0}", $"{file.Skipped:N0}"), string.Join(' ', file.Kinds)),
            };
            var example = file.Example is { } found ? PrintableText.Clean($"{found.Code} {found.Name}") : "";
            table.Add(file.File, counts.Item1, counts.Item2, kinds, example);
        }

        using var text = new StringWriter(CultureInfo.InvariantCulture);
        table.WriteTo(text);
        return text.ToString();
    }
}

/// <summary>What a master file has.</summary>
/// <param name="File">The name of the file.</param>
/// <param name="IsUsed">Whether its layout is known: others are ignored.</param>
/// <param name="Kinds">The kinds of its instruments.</param>
/// <param name="Instruments">The number of instruments that feeds have.</param>
/// <param name="Skipped">The number of other lines.</param>
/// <param name="Example">Its first instrument; <see langword="null"/> if it has none.</param>
/// <param name="Problem">Why it cannot be read; <see langword="null"/> if it can.</param>
internal sealed record MasterRow(
    string File, bool IsUsed, IReadOnlyList<string> Kinds, int Instruments, int Skipped, MasterExample? Example, string? Problem);

internal sealed record MasterExample(string Code, string Name);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MasterRow))]
internal sealed partial class MasterRowJson : JsonSerializerContext;
