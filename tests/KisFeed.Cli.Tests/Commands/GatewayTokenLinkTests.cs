using KisFeed.Cli.Tests.Terminals;
using KisFeed.Gateway.Consumers;
using QRCoder;

namespace KisFeed.Cli.Tests.Commands;

public sealed class GatewayTokenLinkTests : IDisposable
{
    private static readonly Dictionary<string, string> s_noVariables = new(StringComparer.Ordinal);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("kisfeed-home-");

    private string FilePath => Path.Combine(_home.FullName, ".config", "kisfeed", "gateway-tokens.json");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task A_link_has_a_code_that_is_valid_once_for_its_consumer()
    {
        await RunAsync("add", "desk");
        var run = await RunAsync("link", "desk", "--url", "https://gateway.example:8443/");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.ShouldHaveSingleItem().ShouldMatch("^https://gateway\\.example:8443/#signin=[A-Za-z0-9_-]{24}$");
        run.Error.ShouldStartWith("Opens the dashboard as desk, once, until ");
        run.Error.ShouldNotContain("signin=");
        var code = run.Lines[0].Split('=')[1];
        var links = new SignInLinkFile(FilePath, TimeProvider.System);
        (await links.RedeemAsync(code, CancellationToken.None)).ShouldBe(new ConsumerFile(FilePath).Find("desk").AppKey);
        (await links.RedeemAsync(code, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task The_JSON_output_has_the_loopback_address_by_default()
    {
        await RunAsync("add", "desk");
        var run = await RunAsync("link", "desk", "--format", "json", "--expires", "1m");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        var json = run.Objects.Single();
        json.GetProperty("name").GetString().ShouldBe("desk");
        json.GetProperty("url").GetString()!.ShouldStartWith("http://127.0.0.1:21000/#signin=");
        DateTimeOffset.Parse(json.GetProperty("expires").GetString()!, CultureInfo.InvariantCulture)
            .ShouldBe(DateTimeOffset.UtcNow.AddMinutes(1), TimeSpan.FromMinutes(1));
        run.Error.ShouldContain("a browser on this machine");
    }

    [Fact]
    public async Task An_unencrypted_address_is_a_warning()
    {
        await RunAsync("add", "desk");

        (await RunAsync("link", "desk", "--url", "http://192.168.0.7:21000")).Error.ShouldContain("not encrypted");
        (await RunAsync("link", "desk", "--url", "http://127.0.0.1:21000")).Error.ShouldNotContain("not encrypted");
    }

    [Theory]
    [InlineData("there is no consumer nobody in", "nobody")]
    [InlineData("'gateway:21000' is not a valid address", "desk", "--url", "gateway:21000")]
    [InlineData("'https://a/#b' is not a valid address", "desk", "--url", "https://a/#b")]
    [InlineData("--expires is at most 24h", "desk", "--expires", "25h")]
    public async Task Invalid_arguments_are_refused(string message, params string[] arguments)
    {
        await RunAsync("add", "desk");

        (await RunAsync(["link", .. arguments])).ShouldFail(ExitCode.Usage, message);
    }

    [Fact]
    public async Task On_a_terminal_a_QR_code_is_printed_above_the_link()
    {
        await RunAsync("add", "desk");
        await using var terminal = Terminal.Start(
            80, 40, Variables(), "gateway", "token", "link", "desk", "--url", "https://gateway.example:8443");
        await terminal.EndAsync();

        var link = terminal.Lines.Single(line => line.Contains("#signin=", StringComparison.Ordinal));
        using var data = new QRCodeGenerator().CreateQrCode(link, QRCodeGenerator.ECCLevel.L);
        var modules = data.ModuleMatrix;
        var drawn = terminal.Lines.TakeWhile(line => line != link).Select(line => line.PadRight(modules.Count)).ToArray();
        drawn.Length.ShouldBe((modules.Count + 1) / 2);
        for (var row = 0; row < modules.Count; row++)
        {
            for (var column = 0; column < modules.Count; column++)
                IsDark(drawn[row / 2][column], isUpper: row % 2 == 0).ShouldBe(modules[row][column], $"{row} {column}");
        }
    }

    [Fact]
    public async Task No_QR_code_is_drawn_if_disabled_or_too_large()
    {
        await RunAsync("add", "desk");
        await using var unwanted = Terminal.Start(80, 40, Variables(), "gateway", "token", "link", "desk", "--no-qr");
        await unwanted.EndAsync();
        await using var narrow = Terminal.Start(30, 40, Variables(), "gateway", "token", "link", "desk");
        await narrow.EndAsync();

        unwanted.Text.ShouldNotContain("█");
        narrow.Text.ShouldNotContain("█");
        narrow.Text.ShouldContain("The QR code needs a terminal");
    }

    [Fact]
    public void Without_colours_the_light_modules_are_drawn()
    {
        var (plain, columns) = QrCode.Draw("https://gateway.example/#signin=x", isColored: false);
        var (colored, _) = QrCode.Draw("https://gateway.example/#signin=x", isColored: true);

        plain.ShouldNotContain("\e");
        colored.ShouldContain("\e[38;5;16;48;5;231m");
        plain.Split('\n')[0].ShouldBe(new string('█', columns), "the quiet zone is light");
    }

    private static bool IsDark(char block, bool isUpper) => block == '█' || block == (isUpper ? '▀' : '▄');

    private Dictionary<string, string> Variables() => new(StringComparer.Ordinal) { ["KISFEED_GATEWAY_TOKENS"] = FilePath };

    private Task<CommandRun> RunAsync(params string[] arguments) =>
        CommandRun.WithHomeAsync(_home.FullName, s_noVariables, ["gateway", "token", .. arguments]);
}
