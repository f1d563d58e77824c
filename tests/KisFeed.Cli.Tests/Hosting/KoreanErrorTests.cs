using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Hosting;

/// <summary>Errors are Korean, with the exit codes and without a change of what programs read.</summary>
public sealed class KoreanErrorTests
{
    [Theory]
    [InlineData("알 수 없는 명령 또는 인수: 'decod'.", "decod")]
    [InlineData("'decod': 찾을 수 없습니다. 혹시 다음 중 하나인가요?", "decod")]
    [InlineData("사용법은 'kisfeed --help'로 볼 수 있습니다.", "decod")]
    [InlineData("'watch' 명령에 필요한 인수가 없습니다: FEED:KEY.", "watch")]
    [InlineData("'--dir' 옵션에 값이 없습니다.", "record", "index:0001", "--dir")]
    [InlineData("'--port' 옵션에는 값을 하나만 쓸 수 있습니다(2개를 썼습니다).", "simulate", "--port", "1", "--port", "2")]
    [InlineData("'xml': 쓸 수 없는 값입니다. 다음 중 하나를 쓰세요:", "feeds", "--format", "xml")]
    [InlineData("'x': --seed 옵션에 쓸 수 있는 값이 아닙니다.", "simulate", "--seed", "x")]
    [InlineData("알 수 없는 옵션: '--plan'.", "watch", "index:0001", "--plan")]
    [InlineData("'99999': 올바른 포트가 아닙니다. 0~65535의 숫자를 쓰세요.", "simulate", "--port", "99999")]
    [InlineData("'10': 올바른 시간이 아닙니다. 500ms, 10s처럼 숫자와 단위를 쓰세요.", "demo", "--duration", "10")]
    [InlineData("--wait, --no-reconnect: 함께 쓸 수 없습니다.", "watch", "index:0001", "--wait", "--no-reconnect")]
    [InlineData("--certificate-key: --certificate 옵션이 필요합니다.", "gateway", "--certificate-key", "key.pem")]
    [InlineData("'explode': 그런 장애가 없습니다.", "simulate", "--fault", "explode")]
    [InlineData("kisfeed: 'nosuch': 그런 피드가 없습니다.", "watch", "nosuch:0001", "--url", "ws://127.0.0.1:9")]
    [InlineData("kisfeed: 'index': 키가 없습니다. 업종구분코드를 붙이세요. 예: index:", "watch", "index", "--url", "ws://127.0.0.1:9")]
    [InlineData("kisfeed: --url: 'http://x': ws://나 wss://로 시작하는 주소가 아닙니다", "watch", "index:0001", "--url", "http://x")]
    [InlineData("kisfeed: nothing.txt 파일을 읽을 수 없습니다: ", "decode", "nothing.txt")]
    [InlineData("kisfeed: nothing: 그런 파일이나 폴더가 없습니다.", "inspect", "nothing")]
    [InlineData("KISFEED_APPKEY와 KISFEED_APPSECRET이 설정되어 있지 않", "watch", "index:0001")]
    [InlineData("계좌가 없으면 'kisfeed demo'나", "watch", "index:0001")]
    public async Task Wrong_usage_is_explained_in_Korean(string message, params string[] arguments)
    {
        var run = await Korean.RunAsync(arguments);

        run.ShouldFail(ExitCode.Usage, message);
        run.ExitCode.ShouldBe((await CommandRun.OfAsync(arguments)).ExitCode);
    }

    [Fact]
    public async Task A_server_that_does_not_run_is_explained()
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        var url = $"ws://{port.LocalEndpoint}";
        port.Stop();

        var run = await Korean.RunAsync(Service.VariablesFor(url), "watch", "index:0001", "--no-reconnect");

        run.ShouldFail(ExitCode.ConnectionLost, "접속할 수 없습니다: 접속을 받는 프로그램이 없음(");
    }

    [Fact]
    public async Task A_wrong_app_key_is_explained()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { AppKey = new string('A', 36) });

        var run = await Korean.RunAsync(service.Variables, "watch", "index:0001", "--no-reconnect");

        run.ShouldFail(ExitCode.Refused, "접속키를 발급받지 못했습니다(HTTP ");
        run.Error.ShouldContain("앱키가 틀렸거나 이 서비스(");
    }

    [Fact]
    public async Task An_app_key_in_use_is_explained()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { Faults = SimulatorFaults.Parse("refuse=OPSP8996") });

        var run = await Korean.RunAsync(service.Variables, "watch", "index:0001", "--no-reconnect");

        run.ShouldFail(ExitCode.Refused, "서버가 세션을 거부했습니다: OPSP8996 ALREADY IN USE appkey");
        run.Error.ShouldContain("이 앱키를 다른 프로그램이 쓰고 있습니다.");
    }

    [Fact]
    public async Task A_port_in_use_is_explained()
    {
        await using var service = await Service.StartAsync();

        (await Korean.RunAsync("simulate", "--port", service.Port.ToString(CultureInfo.InvariantCulture))).ShouldFail(
            ExitCode.Usage,
            $"kisfeed: 다른 프로그램이 127.0.0.1의 {service.Port} 포트를 쓰고 있습니다. 빈 포트를 쓰려면 '--port 0'을 지정하세요\n");
    }

    [Fact]
    public async Task What_programs_read_is_English()
    {
        string[] doctor = ["doctor", "--format", "json"];
        string[] decode = ["decode", "--names", "kis"];

        (await Korean.RunAsync(doctor)).Output.ShouldBe((await CommandRun.OfAsync(doctor)).Output);
        (await Korean.RunAsync(doctor)).Output.ShouldNotBeEmpty();
        (await Korean.RunAsync("feeds", "index", "--format", "json")).Output
            .ShouldBe((await CommandRun.OfAsync("feeds", "index", "--format", "json")).Output);
        (await CommandRun.RunAsync(Frames(), decode, Korean.Variables)).Output
            .ShouldBe((await CommandRun.RunAsync(Frames(), decode)).Output);

        static MemoryStream Frames() => new(Encoding.UTF8.GetBytes("0|H0UPCNT0|001|1^2\nnot a frame\n"));
    }

    [Fact]
    public async Task The_doctor_reports_in_Korean()
    {
        var run = await Korean.RunAsync("doctor");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Output.ShouldContain("failed   설정           ");
        run.Output.ShouldContain("동작하지 않습니다: 설정. 할 일은 위에 있습니다.");
    }

    /// <summary>A message of KisFeed that changes loses its Korean, unless this finds it.</summary>
    [Fact]
    public void Messages_of_KisFeed_are_in_its_source()
    {
        // Literals that are joined by + are one text.
        var source = string.Concat(
            new[] { "src/KisFeed", "src/KisFeed.Hosting", "src/KisFeed.Gateway", "src/KisFeed.Capture", "src/KisFeed.Simulator" }
                .SelectMany(RepositoryRoot.SourceFiles)
                .Select(File.ReadAllText)
                .Select(code => Regex.Replace(code, "\"\\s*\\+\\s*\\$?\"", "", RegexOptions.None, TimeSpan.FromSeconds(10))));
        var messages = LibraryText.Messages
            .SkipWhile(message => !message.English.StartsWith("KISFEED_APPKEY and", StringComparison.Ordinal))
            .Where(message => !message.English.StartsWith("KISFEED_APPKEY and", StringComparison.Ordinal)) // composed of variables' names
            .ToList();

        messages.Count.ShouldBeGreaterThan(50);
        messages.SelectMany(message => Regex.Split(message.English, "[{][0-9][}]|; |[.] ", RegexOptions.None, TimeSpan.FromSeconds(1)))
            .Select(part => part.Trim(' ', ':'))
            .Where(part => part.Length > 12 && !source.Contains(part, StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Messages_keep_what_varies()
    {
        var before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = Language.Korean;
        foreach (var (english, korean) in LibraryText.Messages)
        {
            Korean.IsIn(korean).ShouldBeTrue(english);
            string[] values = [.. Enumerable.Range(0, english.Count(c => c == '{')).Select(i => $"v{i}v")];
            var text = LibraryText.Of(string.Format(CultureInfo.InvariantCulture, english, values));
            text.ShouldBe(string.Format(CultureInfo.InvariantCulture, korean, values), english);
        }

        LibraryText.Of("ws://h/x: the server refused the session: OPSP8996 ALREADY IN USE appkey; given up after 30s").ShouldBe(
            "ws://h/x: 서버가 세션을 거부했습니다: OPSP8996 ALREADY IN USE appkey. 30s 뒤에 포기했습니다");
        LibraryText.Of("a message; that is: not known").ShouldBe("a message; that is: not known");
        CultureInfo.CurrentUICulture = before;
    }
}
