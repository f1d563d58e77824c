using KisFeed.Capture.Tests;
using Captured = KisFeed.Capture.Tests.Ticks;

namespace KisFeed.Cli.Tests.Commands;

public sealed class ServersTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public ServersTests()
    {
        using var writer = _folder.Write();
        writer.Write("H0UPCNT0", Captured.Index(0), Captured.Opening);
        writer.Close();
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("simulate")]
    [InlineData("simulate", "--revision", "2025,single", "--aes", "per-registration")]
    [InlineData("replay")]
    [InlineData("replay", "--revision", "2025,single", "--aes", "per-registration")]
    [InlineData("gateway", "--simulate")]
    [InlineData("gateway", "--simulate", "--revision", "2025,single", "--aes", "per-registration")]
    public async Task An_interrupt_while_the_address_is_printed_is_a_success(string verb, params string[] more)
    {
        string[] arguments =
            [verb, .. verb == "replay" ? [_folder.Path] : Array.Empty<string>(), .. more, "--port", "0", "--format", "json"];
        using var interruption = new CancellationTokenSource();
        await using var output = new InterruptingOutput(interruption);
        await using var error = new StringWriter();
        var host = new CommandHost { Input = Stream.Null, Output = output, Error = error };

        var code = await CommandLine.RunAsync(arguments, host, interruption.Token).WaitAsync(Patience.Limit);

        code.ShouldBe(ExitCode.Success, error.ToString());
        output.Length.ShouldBePositive();
    }

    [Theory]
    [InlineData("simulate")]
    [InlineData("replay")]
    [InlineData("gateway", "--simulate")]
    public async Task An_unknown_revision_is_refused_with_a_sentence(string verb, params string[] more)
    {
        (await CommandRun.OfAsync([verb, .. verb == "replay" ? [_folder.Path] : more, "--port", "0", "--revision", "1999"]))
            .ShouldFail(ExitCode.Usage, "'1999' is not a revision; use 2025 or 2024");
    }
}
