using KisFeed.Capture.Tests;

namespace KisFeed.Cli.Tests.Terminals;

/// <summary><c>kisfeed init</c> and <c>kisfeed</c> alone at a terminal.</summary>
public sealed class InitTerminalTests : IDisposable
{
    private const string AppSecret = "NEVERSHOWN00000000000000000000000000";

    private readonly CaptureFolder _home = new();

    private Dictionary<string, string> Variables => new(StringComparer.Ordinal)
    {
        ["HOME"] = _home.Path,
        ["KISFEED_CONFIG"] = FilePath,
    };

    private string FilePath => Path.Combine(_home.Path, "credentials", "kis.yaml");

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Secrets_are_not_shown_and_backspace_works()
    {
        await using var terminal = Terminal.Start(100, 24, Variables, "init", "--no-check");
        await AnswerAsync(terminal, "App key", "NOTSHOWNX\b");
        await AnswerAsync(terminal, "App secret", AppSecret);
        await AnswerAsync(terminal, "HTS ID", "MyHtsId");

        (await terminal.EndAsync()).ShouldBe(ExitCode.Success, terminal.Text);
        terminal.Text.ShouldContain("MyHtsId");
        terminal.Text.ShouldNotContain("NOTSHOWN");
        terminal.Text.ShouldNotContain(AppSecret);
        (await File.ReadAllTextAsync(FilePath)).ShouldBe($"my_app: \"NOTSHOWN\"\nmy_sec: \"{AppSecret}\"\nmy_htsid: \"MyHtsId\"\n");
    }

    [Fact]
    public async Task An_interrupt_stores_nothing()
    {
        await using var terminal = Terminal.Start(100, 24, Variables, "init", "--no-check");
        await AnswerAsync(terminal, "App key", "NOTSHOWN");
        await terminal.UntilAsync(lines => lines.Any(line => line.StartsWith("App secret", StringComparison.Ordinal)));

        (await terminal.InterruptAsync()).ShouldBe(ExitCode.Interrupted, terminal.Text);

        Directory.EnumerateFileSystemEntries(_home.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_command_alone_says_what_to_do_next()
    {
        var variables = new Dictionary<string, string>(Variables, StringComparer.Ordinal) { ["KISFEED_CONFIG"] = "none" };
        await using var terminal = Terminal.Start(100, 24, variables);

        (await terminal.EndAsync()).ShouldBe(ExitCode.Success, terminal.Text);
        terminal.Text.ShouldContain("App key:  none; everything works with simulated data");
        terminal.Text.ShouldContain("kisfeed init ");
        terminal.Text.ShouldContain("kisfeed demo ");
    }

    private static async Task AnswerAsync(Terminal terminal, string question, string answer)
    {
        await terminal.UntilAsync(lines => lines.Any(line => line.StartsWith(question, StringComparison.Ordinal)));
        await terminal.TypeAsync(answer);
    }
}
