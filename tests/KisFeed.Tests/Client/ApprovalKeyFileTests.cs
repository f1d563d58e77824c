using System.Text.Json;
using KisFeed.Simulator;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>Approval keys are stored in a file that only its owner can read, and are reused by later programs.</summary>
public sealed class ApprovalKeyFileTests : IDisposable
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // The simulator issues one key per hour, so that a second request is refused.
    private static readonly SimulatorOptions s_oneKey = new() { ApprovalInterval = TimeSpan.FromHours(1) };

    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"kisfeed-{Guid.NewGuid():N}");

    private string FilePath => Path.Combine(_directory, "deep", "keys.json");

    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_later_program_reuses_the_key()
    {
        await using var server = await StartAsync(options: s_oneKey);
        var key = await GetAsync(server);
        (await GetAsync(server)).ShouldBe(key);
        (await GetAsync(server, time: new ShiftedTimeProvider { Shift = TimeSpan.FromHours(22.9) })).ShouldBe(key);
    }

    [Fact]
    public async Task The_file_is_readable_only_by_its_owner_and_contains_no_credentials()
    {
        await using var server = await StartAsync();
        var key = await GetAsync(server);
        var text = await File.ReadAllTextAsync(FilePath);
        text.ShouldContain(key);
        text.ShouldNotContain(AppKey);
        text.ShouldNotContain(AppSecret);
        if (OperatingSystem.IsWindows())
            return;
        File.GetUnixFileMode(FilePath).ShouldBe(PrivateFile);
        File.GetUnixFileMode($"{FilePath}.lock").ShouldBe(PrivateFile);
        File.GetUnixFileMode(Path.GetDirectoryName(FilePath)!).ShouldBe(PrivateFile | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Only_the_lock_file_is_left_beside_it()
    {
        await using var server = await StartAsync();
        await GetAsync(server);
        await GetAsync(server, OtherCredentials(1));
        Directory.GetFiles(Path.GetDirectoryName(FilePath)!).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(["keys.json", "keys.json.lock"]);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task A_file_readable_by_others_is_not_trusted_and_all_its_keys_are_removed(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var server = await StartAsync();
        var other = await GetAsync(server, OtherCredentials(1));
        var key = await GetAsync(server);
        File.SetUnixFileMode(FilePath, PrivateFile | mode);

        using var loggers = new RecordingLoggerFactory();
        var issued = await GetAsync(server, loggers: loggers);
        issued.ShouldNotBe(key, StringComparer.Ordinal);
        File.GetUnixFileMode(FilePath).ShouldBe(PrivateFile);
        var text = await File.ReadAllTextAsync(FilePath);
        text.ShouldContain(issued);
        text.ShouldNotContain(key);
        text.ShouldNotContain(other);
        loggers.Lines.Single().ShouldStartWith("Warning 1401 ");
        loggers.Lines.Single().ShouldContain(FilePath);
        loggers.Lines.Single().ShouldNotContain(key);
    }

    [Fact]
    public async Task Keys_exposed_to_others_are_removed_even_if_no_new_key_is_issued()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var server = await StartAsync(options: s_oneKey);
        var key = await GetAsync(server);
        File.SetUnixFileMode(FilePath, PrivateFile | UnixFileMode.OtherRead);
        await Should.ThrowAsync<ApprovalKeyException>(GetAsync(server));
        File.GetUnixFileMode(FilePath).ShouldBe(PrivateFile);
        (await File.ReadAllTextAsync(FilePath)).ShouldNotContain(key);
        await Should.ThrowAsync<ApprovalKeyException>(GetAsync(server), "the key must not be used after the permissions are fixed");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":[42]}""")]
    [InlineData("""{"keys":[{"holder":"x","approvalKey":"","issuedAt":"2026-01-01T00:00:00Z"}]}""")]
    [InlineData("""{"keys":[{"holder":"x","approvalKey":"y","issuedAt":"yesterday"}]}""")]
    [InlineData("""{"keys":[{"holder":"x","approvalKey":"y","issuedAt":42}]}""")]
    [InlineData("{\"keys\":[{\"holder\":\"x\",\"approvalKey\":\"\\ud800\",\"issuedAt\":\"2026-01-01T00:00:00Z\"}]}")]
    public async Task A_damaged_file_is_replaced(string text)
    {
        await using var server = await StartAsync(options: s_oneKey);
        var key = await GetAsync(server);
        await File.WriteAllTextAsync(FilePath, text);
        await using var restarted = await StartAsync(options: s_oneKey);
        using var loggers = new RecordingLoggerFactory();
        var issued = await GetAsync(restarted, loggers: loggers);
        loggers.Lines.Single().ShouldStartWith("Warning 1402 ");
        (await GetAsync(restarted)).ShouldBe(issued);
        (await File.ReadAllTextAsync(FilePath)).ShouldNotContain(key);
    }

    [Fact]
    public async Task An_oversized_file_is_replaced()
    {
        await using var server = await StartAsync(options: s_oneKey);
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        await using (var file = File.Create(FilePath))
            file.SetLength(1L << 40);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(FilePath, PrivateFile);
        var key = await GetAsync(server);
        (await GetAsync(server)).ShouldBe(key);
    }

    [Fact]
    public async Task An_unwritable_file_does_not_prevent_use_and_is_logged_once()
    {
        await using var server = await StartAsync();
        Directory.CreateDirectory(_directory);
        await File.WriteAllTextAsync(Path.Combine(_directory, "deep"), "a file where the directory should be");
        using var loggers = new RecordingLoggerFactory();
        var options = OptionsFor(server) with { LoggerFactory = loggers, ApprovalKeys = ApprovalKeyCache.InFile(FilePath) };
        var key = (await options.ApprovalKeys.GetAsync(options, Credentials, renew: false, CancellationToken.None)).Value;
        await options.ApprovalKeys.GetAsync(options, OtherCredentials(1), renew: false, CancellationToken.None);
        (await options.ApprovalKeys.GetAsync(options, Credentials, renew: false, CancellationToken.None)).Value
            .ShouldBe(key, "it is in memory");
        loggers.Lines.Single().ShouldStartWith("Warning 1403 ");
    }

    [Fact]
    public async Task A_locked_file_does_not_prevent_use()
    {
        await using var server = await StartAsync();
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        await using var held = new FileStream($"{FilePath}.lock", FileMode.Create, FileAccess.Write, FileShare.None);
        using var loggers = new RecordingLoggerFactory();
        (await GetAsync(server, loggers: loggers)).ShouldNotBeEmpty();
        loggers.Lines.Single().ShouldStartWith("Warning 1403 ");
        File.Exists(FilePath).ShouldBeFalse();
    }

    [Fact]
    public async Task Expired_keys_are_removed()
    {
        await using var server = await StartAsync();
        var old = await GetAsync(server, OtherCredentials(1));
        var recent = await GetAsync(server, OtherCredentials(2), new ShiftedTimeProvider { Shift = TimeSpan.FromHours(1) });
        var later = new ShiftedTimeProvider { Shift = TimeSpan.FromHours(23.5) };
        var key = await GetAsync(server, time: later);
        var text = await File.ReadAllTextAsync(FilePath);
        text.ShouldContain(key);
        text.ShouldContain(recent);
        text.ShouldNotContain(old);
    }

    [Fact]
    public async Task A_key_issued_in_the_future_is_not_used()
    {
        await using var server = await StartAsync();
        var key = await GetAsync(server, time: new ShiftedTimeProvider { Shift = TimeSpan.FromDays(365) });
        (await GetAsync(server)).ShouldNotBe(key, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_key_unknown_to_the_service_is_removed_from_the_file()
    {
        await using var server = await StartAsync();
        var options = OptionsFor(server) with { ApprovalKeys = ApprovalKeyCache.InFile(FilePath) };
        var key = (await options.ApprovalKeys.GetAsync(options, Credentials, renew: false, CancellationToken.None)).Value;
        options.ApprovalKeys.Invalidate(options, Credentials, key);
        var next = (await options.ApprovalKeys.GetAsync(options, Credentials, renew: false, CancellationToken.None)).Value;
        next.ShouldNotBe(key, StringComparer.Ordinal);
        (await GetAsync(server)).ShouldBe(next);
    }

    [Fact]
    public async Task A_key_issued_to_another_program_in_the_meantime_is_used()
    {
        await using var server = await StartAsync();
        var options = OptionsFor(server) with { ApprovalKeys = ApprovalKeyCache.InFile(FilePath) };
        var key = (await options.ApprovalKeys.GetAsync(options, Credentials, renew: false, CancellationToken.None)).Value;
        File.Delete(FilePath);
        var others = await GetAsync(server);
        options.ApprovalKeys.Invalidate(options, Credentials, key);
        (await options.ApprovalKeys.GetAsync(options, Credentials, renew: false, CancellationToken.None)).Value.ShouldBe(others);
    }

    [Fact]
    public async Task Concurrent_writers_lose_no_keys()
    {
        await using var server = await StartAsync();
        var keys = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(() => GetAsync(server, OtherCredentials(i)))));
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(FilePath));
        document.RootElement.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("approvalKey").GetString()!)
            .ShouldBe(keys, ignoreOrder: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\0b")]
    [InlineData("/")]
    [InlineData("directory/")]
    public void A_path_that_is_not_a_file_is_rejected(string path) => Should.Throw<ArgumentException>(() => ApprovalKeyCache.InFile(path));

    private static AppCredentials OtherCredentials(int number) => Credentials with { AppKey = $"PSsomebodyelse{number:D22}" };

    /// <summary>Requests a key like a new program, with an empty cache in memory.</summary>
    private async Task<string> GetAsync(
        SimulatorServer server, AppCredentials? credentials = null, TimeProvider? time = null, RecordingLoggerFactory? loggers = null)
    {
        var options = OptionsFor(server) with
        {
            ApprovalKeys = ApprovalKeyCache.InFile(FilePath),
            TimeProvider = time ?? TimeProvider.System,
            LoggerFactory = loggers,
        };
        return (await options.ApprovalKeys.GetAsync(options, credentials ?? Credentials, renew: false, CancellationToken.None)).Value;
    }
}
