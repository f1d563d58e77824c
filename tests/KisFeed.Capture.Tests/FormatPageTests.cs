using System.Text.RegularExpressions;

namespace KisFeed.Capture.Tests;

/// <summary>The commands and the program in docs/capture-format.md read what the writer writes.</summary>
public sealed partial class FormatPageTests : IDisposable
{
    private readonly CaptureFolder _folder = new();
    private readonly string _page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "capture-format.md"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_Python_program_reads_every_record_of_whole_blocks(bool isTorn)
    {
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < 1_000; i++)
            {
                writer.Write(
                    "H0UPCNT0",
                    Encoding.UTF8.GetBytes($"0|H0UPCNT0|002|{Ticks.IndexRecord(i)}^{Ticks.IndexRecord(i, "1001")}"),
                    Ticks.At(i));
            }
            writer.Flush();
            for (var i = 1_000; i < 1_100; i++)
                writer.Write("H0UPCNT0", Ticks.Index(i), Ticks.At(i));
            writer.Close();
        }

        var path = _folder.Files.Single();
        if (isTorn)
            _folder.Put(path, CaptureFolder.Content(path)[..^200]);
        var program = $$"""
            {{PythonBlock().Match(_page).Groups["program"].Value}}
            import sys
            try:
                for received, tr_id, fields in records(sys.argv[1]):
                    print(received, tr_id, len(fields), fields[0], fields[5])
            except EOFError:
                print("torn")
            """;

        var lines = await RunAsync(ProcessRunner.Python, "-c", program, path);

        var expected = Enumerable.Range(0, 1_000)
            .SelectMany(i => new[] { "0001", "1001" }.Select(key => $"{Ticks.At(i):yyyy-MM-dd'T'HH:mm:ss.fffffff}Z H0UPCNT0 30 {key} {i}"))
            .Concat(Enumerable.Range(1_000, 100).Select(i => $"{Ticks.At(i):yyyy-MM-dd'T'HH:mm:ss.fffffff}Z H0UPCNT0 30 0001 {i}"));
        if (!isTorn)
            lines.ShouldBe(expected);
        else
            lines.ShouldBe([.. expected.Take(lines.Length - 1), "torn"]);
        lines.Length.ShouldBeGreaterThanOrEqualTo(2_000);
    }

    [Fact]
    public async Task The_commands_find_ticks_and_gaps()
    {
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < 30; i++)
                writer.Write("H0UPCNT0", Ticks.Index(i, i % 2 == 0 ? "0001" : "1001"), Ticks.Opening.AddMinutes(i));
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = Ticks.Opening.AddHours(1),
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.Silence,
            });
            writer.Close();
        }

        var commands = CommandLine()
            .Matches(_page)
            .Select(match => match.Groups["line"].Value.Replace(
                "capture/2026-11-20", Path.Combine(_folder.Path, "2026-11-20"), StringComparison.Ordinal))
            .ToArray();
        var ticks = await RunAsync("bash", "-c", commands[0]);
        var gaps = await RunAsync("bash", "-c", commands[1]);

        ticks.Length.ShouldBe(5);
        ticks.ShouldAllBe(line => line.StartsWith("2026-11-20T00:1", StringComparison.Ordinal));
        gaps.Single().ShouldContain("\"reason\":\"silence\"");
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string[]> RunAsync(string program, params string[] arguments) =>
        (await ProcessRunner.RunAsync(program, arguments, Patience.Limit)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(
        "```python\n(?<program>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex PythonBlock();

    [GeneratedRegex(@"^\$ (?<line>zcat .*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex CommandLine();
}
