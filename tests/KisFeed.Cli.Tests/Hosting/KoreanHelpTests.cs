using System.CommandLine;
using KisFeed.Simulator;
using Spectre.Console;

namespace KisFeed.Cli.Tests.Hosting;

/// <summary>Every text of the help has its Korean, and fits a terminal although a Korean letter takes two cells.</summary>
public sealed class KoreanHelpTests
{
    private const int Columns = 80;

    public static TheoryData<string> Commands =>
        new(AllOf(Korean.CommandIn(Language.English)).Select(command => command.Path).Where(path => path != "complete"));

    [Fact]
    public void Every_text_of_every_command_is_translated()
    {
        var english = TextsIn(Language.English);
        var korean = TextsIn(Language.Korean);

        korean.Keys.ShouldBe(english.Keys);
        english.Count.ShouldBeGreaterThan(400);
        english.Where(text => string.IsNullOrWhiteSpace(text.Value)).Select(text => text.Key).ShouldBeEmpty("These have no text.");
        english.Where(text => korean[text.Key] == text.Value || !Korean.IsIn(korean[text.Key])).Select(text => $"{text.Key}: {text.Value}")
            .ShouldBeEmpty("Write these as UiText.Of(ENGLISH, KOREAN).");
    }

    [Fact]
    public void Every_fault_is_translated()
    {
        var faults = TextsIn(Language.Korean)["simulate --fault"].Split('\n')[1..];

        faults.Length.ShouldBe(SimulatorFaults.Kinds.Count);
        faults.Where(line => !Korean.IsIn(line)).ShouldBeEmpty("Add them to SimulatorCommandOptions.MeaningOf.");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task The_help_fits_a_terminal(string path)
    {
        string[] lines = await HelpOnTerminalAsync(path);

        lines.ShouldContain("설명:", StringComparer.Ordinal);
        lines.ShouldContain("사용법:", StringComparer.Ordinal);
        // Lines to copy, and the comments above them, are not wrapped.
        string[] wrapped = [.. lines.TakeWhile(line => line != "예:")];
        wrapped.Where(line => Korean.IsIn(line)).ShouldNotBeEmpty();
        wrapped.Where(line => line.GetCellWidth() > Columns).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_second_column_is_straight()
    {
        string[] lines = await HelpOnTerminalAsync("record");

        string[] options = [.. lines.SkipWhile(line => line != "옵션:").Skip(1).TakeWhile(line => line.Length > 0)];
        var column = options.First(line => line.StartsWith("  --dir ", StringComparison.Ordinal)).IndexOf("기록할", StringComparison.Ordinal);
        column.ShouldBePositive();
        options.Where(line => line.Length > column && line[..column].GetCellWidth() != column).ShouldBeEmpty();
        options.Where(line => line.Length > column).ShouldAllBe(line => line[column - 1] == ' ' && line[column] != ' ');
    }

    [Fact]
    public async Task Headings_default_values_and_exit_codes_are_Korean()
    {
        var run = await Korean.RunAsync("gateway", "--help-all");

        run.ExitCode.ShouldBe(ExitCode.Success);
        string[] headings =
            ["설명:", "사용법:", "옵션:", "명령:", "데이터 소스:", "접속 받기:", "소비자:", "기록:", "클러스터:", "설정과 진단:", "예:", "종료 코드:"];
        run.Lines.Where(line => line.EndsWith(':') && line[0] != ' ').ShouldBe(headings);
        run.Output.ShouldContain("kisfeed gateway [명령] [옵션]");
        run.Output.ShouldContain("[기본값: 21000]");
        run.Output.ShouldContain("  0    정상 종료\n");
    }

    [Fact]
    public async Task The_manual_page_is_English_and_completions_are_not()
    {
        (await Korean.RunAsync("man")).Output.ShouldBe((await CommandRun.OfAsync("man")).Output);
        (await Korean.RunAsync("complete", "kisfeed wat")).Output.ShouldStartWith("watch\t증권사나 시뮬레이터의 실시간 데이터 보기");
    }

    [Fact]
    public async Task The_first_steps_are_Korean()
    {
        var host = Host() with { OutputIsTerminal = true };
        using var output = new MemoryStream();

        await CommandLine.RunAsync([], host with { Output = output }, CancellationToken.None);

        string text = Encoding.UTF8.GetString(output.ToArray());
        text.ShouldStartWith("kisfeed: 한국투자증권(KIS) Open API 실시간 데이터");
        text.ShouldContain("  kisfeed --help                  모든 명령\n");
    }

    private static async Task<string[]> HelpOnTerminalAsync(string path)
    {
        using var output = new MemoryStream();
        var host = Host() with { Output = output, OutputIsTerminal = true, TerminalSize = () => new TerminalSize(Columns, 24) };
        var code = await CommandLine.RunAsync(
            [.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"], host, CancellationToken.None);
        code.ShouldBe(ExitCode.Success);
        return Encoding.UTF8.GetString(output.ToArray()).ReplaceLineEndings("\n").Split('\n');
    }

    private static CommandHost Host() => new()
    {
        Input = Stream.Null,
        Output = Stream.Null,
        Error = TextWriter.Null,
        Variable = name => Korean.Variables.GetValueOrDefault(name),
    };

    /// <summary>The texts of all commands, with hidden ones, by where they are.</summary>
    private static SortedDictionary<string, string> TextsIn(CultureInfo language)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Korean.CommandIn(language, root =>
        {
            foreach (var (path, command) in AllOf(root))
                Add(path, command);
            return root;
        });
        return texts;

        void Add(string path, Command command)
        {
            texts.Add(path, command.Description ?? "");
            foreach (var argument in command.Arguments)
                texts.Add($"{path} <{argument.Name}>", argument.Description ?? "");
            foreach (var option in command.Options)
                texts.Add($"{path} {option.Name}", option.Description ?? "");
            if (command is not KisFeedCommand own)
                return;
            foreach (var (i, section) in own.Sections.Index())
                texts.Add($"{path} section {i}", section.Title);
            foreach (var (line, does) in own.Examples)
                texts.Add($"{path} example {line}", does);
            foreach (var (code, means) in own.ExitCodes)
                texts.Add($"{path} exit code {code}", means);
        }
    }

    private static IEnumerable<(string Path, Command Command)> AllOf(Command command, string path = "") =>
        command.Subcommands.SelectMany(member => AllOf(member, $"{path} {member.Name}".Trim())).Prepend((path, command));
}
