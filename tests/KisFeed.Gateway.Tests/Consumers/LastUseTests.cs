using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;

namespace KisFeed.Gateway.Tests.Consumers;

/// <summary>When consumers last used the gateway stands beside the token file, whatever becomes of the gateway.</summary>
public sealed class LastUseTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly DateTimeOffset s_start = new(2026, 11, 20, 0, 30, 0, TimeSpan.Zero); // The clock's, to the minute.

    private readonly Household _household = new();
    private readonly ManualTimeProvider _time = new();

    private LastUseFile File => new(_household.TokenFile);

    public void Dispose() => _household.Dispose();

    [Fact]
    public async Task A_request_with_credentials_that_are_good_is_a_use_and_one_with_others_is_none()
    {
        await _household.AddAsync("anna");
        await _household.AddAsync("boris");
        await _household.AddAsync("clara");
        await using var stage = await OpenAsync();
        (await stage.GetAsync("/v1/status", WebClient.Basic(_household["anna"]))).Status.ShouldBe(200);
        (await stage.GetAsync("/v1/status", WebClient.Basic(_household["boris"].AppKey, "wrong"))).Status.ShouldBe(401);
        await _household.ApprovalKeyAsync(stage, "clara");
        File.Read().ShouldBeEmpty();

        _time.Advance(s_minute);

        await Patience.UntilAsync(() => File.Read().Count > 0);
        File.Read().OrderBy(time => time.Key, StringComparer.Ordinal).ShouldBe([KeyValuePair.Create("anna", s_start), KeyValuePair.Create("clara", s_start)]);
        if (!OperatingSystem.IsWindows())
            System.IO.File.GetUnixFileMode(File.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var tokens = System.IO.File.GetLastWriteTimeUtc(_household.TokenFile);
        var written = System.IO.File.GetLastWriteTimeUtc(File.Path);
        _time.Advance(10 * s_minute);
        await stage.Gateway.StopAsync();
        System.IO.File.GetLastWriteTimeUtc(File.Path).ShouldBe(written, "nothing has changed");
        System.IO.File.GetLastWriteTimeUtc(_household.TokenFile).ShouldBe(tokens);
    }

    [Fact]
    public async Task Whoever_is_connected_uses_it_and_at_the_end_that_is_written()
    {
        await _household.AddAsync("anna");
        await using var stage = await OpenAsync();
        await using var client = await _household.ConnectAsync(stage, "anna");
        await client.RegisterAsync(Stage.Index, "0001");

        for (var minute = 0; minute < 90; minute++)
            _time.Advance(s_minute);
        await Patience.UntilAsync(() => File.Read().TryGetValue("anna", out var at) && at == s_start + (90 * s_minute));
        _time.Advance(s_minute / 2);
        _time.Advance(s_minute / 4);
        await stage.Gateway.StopAsync();

        File.Read()["anna"].ShouldBeGreaterThanOrEqualTo(s_start + (90 * s_minute));
    }

    [Fact]
    public async Task What_was_known_before_stays_until_the_consumer_is_gone()
    {
        await _household.AddAsync("anna");
        await _household.AddAsync("boris");
        await using (var stage = await OpenAsync())
        {
            await _household.ApprovalKeyAsync(stage, "anna");
            await _household.ApprovalKeyAsync(stage, "boris");
        }

        File.Read().Count.ShouldBe(2);
        await _household.RemoveAsync("boris");
        _time.Advance(s_minute);
        await _household.AddAsync("clara");
        await using (var stage = await OpenAsync())
            await _household.ApprovalKeyAsync(stage, "clara");

        File.Read().OrderBy(time => time.Key, StringComparer.Ordinal).ShouldBe([KeyValuePair.Create("anna", s_start), KeyValuePair.Create("clara", s_start + s_minute)]);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_logged_once_and_affects_nothing_else()
    {
        await _household.AddAsync("anna");
        Directory.CreateDirectory(File.Path);
        await System.IO.File.WriteAllTextAsync(Path.Combine(File.Path, "in the way"), "");
        await using var stage = await OpenAsync();

        for (var i = 0; i < 3; i++)
        {
            (await stage.GetAsync("/v1/status", WebClient.Basic(_household["anna"]))).Status.ShouldBe(200);
            _time.Advance(s_minute);
        }

        await Patience.UntilAsync(() => stage.Count("The last-use times of consumers cannot be written") == 1);
        await stage.Gateway.StopAsync();
        stage.Count("The last-use times of consumers cannot be written").ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"lastUsed":{"anna":7}}""")]
    [InlineData("""{"lastUsed":{"anna":null}}""")]
    [InlineData("""{"lastUsed":{"anna":"yesterday"}}""")]
    [InlineData("""{"lastUsed":7}""")]
    public void A_file_that_is_damaged_says_nothing(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File.Path)!);
        System.IO.File.WriteAllText(File.Path, text);

        File.Read().ShouldBeEmpty();
    }

    private Task<Stage> OpenAsync() => Stage.OpenAsync(with: options => options with { TokenFile = _household.TokenFile, TimeProvider = _time });
}
