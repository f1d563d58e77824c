using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;

namespace KisFeed.Gateway.Tests.Consumers;

/// <summary>The times of the consumers' last use, which are stored beside the token file.</summary>
public sealed class LastUseTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly DateTimeOffset s_start = new(2026, 11, 20, 0, 30, 0, TimeSpan.Zero); // The clock's time, in minutes.

    private readonly TestConsumers _testConsumers = new();
    private readonly ManualTimeProvider _time = new();

    private LastUseFile File => new(_testConsumers.TokenFile);

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task Only_a_request_with_valid_credentials_counts_as_use()
    {
        await _testConsumers.AddAsync("anna", "boris", "clara");
        await using var testGateway = await OpenAsync();
        (await testGateway.GetAsync("/v1/status", _testConsumers.Basic("anna"))).Status.ShouldBe(200);
        (await testGateway.GetAsync("/v1/status", WebClient.Basic(_testConsumers["boris"].AppKey, "wrong"))).Status.ShouldBe(401);
        await _testConsumers.ApprovalKeyAsync(testGateway, "clara");
        File.Read().ShouldBeEmpty();

        _time.Advance(s_minute);

        await Patience.UntilAsync(() => File.Read().Count > 0);
        File.Read().OrderBy(time => time.Key, StringComparer.Ordinal)
            .ShouldBe([KeyValuePair.Create("anna", s_start), KeyValuePair.Create("clara", s_start)]);
        if (!OperatingSystem.IsWindows())
            System.IO.File.GetUnixFileMode(File.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var tokens = System.IO.File.GetLastWriteTimeUtc(_testConsumers.TokenFile);
        var written = System.IO.File.GetLastWriteTimeUtc(File.Path);
        _time.Advance(10 * s_minute);
        await testGateway.Gateway.StopAsync();
        System.IO.File.GetLastWriteTimeUtc(File.Path).ShouldBe(written, "nothing has changed");
        System.IO.File.GetLastWriteTimeUtc(_testConsumers.TokenFile).ShouldBe(tokens);
    }

    [Fact]
    public async Task A_connected_consumer_counts_as_using_the_gateway_until_the_stop()
    {
        await _testConsumers.AddAsync("anna");
        await using var testGateway = await OpenAsync();
        await using var client = await _testConsumers.ConnectAsync(testGateway, "anna");
        await client.RegisterAsync(TestGateway.Index, "0001");

        for (var minute = 0; minute < 90; minute++)
            _time.Advance(s_minute);
        await Patience.UntilAsync(() => File.Read().TryGetValue("anna", out var at) && at == s_start + (90 * s_minute));
        _time.Advance(s_minute / 2);
        _time.Advance(s_minute / 4);
        await testGateway.Gateway.StopAsync();

        File.Read()["anna"].ShouldBeGreaterThanOrEqualTo(s_start + (90 * s_minute));
    }

    [Fact]
    public async Task Earlier_entries_stay_until_the_consumer_is_removed()
    {
        await _testConsumers.AddAsync("anna", "boris");
        await using (var testGateway = await OpenAsync())
        {
            await _testConsumers.ApprovalKeyAsync(testGateway, "anna");
            await _testConsumers.ApprovalKeyAsync(testGateway, "boris");
        }

        File.Read().Count.ShouldBe(2);
        await _testConsumers.RemoveAsync("boris");
        _time.Advance(s_minute);
        await _testConsumers.AddAsync("clara");
        await using (var testGateway = await OpenAsync())
            await _testConsumers.ApprovalKeyAsync(testGateway, "clara");

        File.Read().OrderBy(time => time.Key, StringComparer.Ordinal)
            .ShouldBe([KeyValuePair.Create("anna", s_start), KeyValuePair.Create("clara", s_start + s_minute)]);
    }

    [Fact]
    public async Task An_unwritable_file_is_logged_once_and_affects_nothing_else()
    {
        await _testConsumers.AddAsync("anna");
        Directory.CreateDirectory(File.Path);
        await System.IO.File.WriteAllTextAsync(Path.Combine(File.Path, "in the way"), "");
        await using var testGateway = await OpenAsync();

        for (var i = 0; i < 3; i++)
        {
            (await testGateway.GetAsync("/v1/status", _testConsumers.Basic("anna"))).Status.ShouldBe(200);
            _time.Advance(s_minute);
        }

        await Patience.UntilAsync(() => testGateway.Count("The last-use times of consumers cannot be written") == 1);
        await testGateway.Gateway.StopAsync();
        testGateway.Count("The last-use times of consumers cannot be written").ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"lastUsed":{"anna":7}}""")]
    [InlineData("""{"lastUsed":{"anna":null}}""")]
    [InlineData("""{"lastUsed":{"anna":"yesterday"}}""")]
    [InlineData("""{"lastUsed":7}""")]
    public void A_damaged_file_is_ignored(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File.Path)!);
        System.IO.File.WriteAllText(File.Path, text);

        File.Read().ShouldBeEmpty();
    }

    private Task<TestGateway> OpenAsync() =>
        TestGateway.OpenAsync(with: options => options with { TimeProvider = _time }, consumers: _testConsumers);
}
