using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway.Tests.Consumers;

public sealed class ConsumerFileTests : IDisposable
{
    private static readonly DateTimeOffset s_later = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const string AppKey = "PSabcdefghijklmnopqrstuvwxyz01234567";
    private const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly TokenFolder _folder = new();

    public static TheoryData<int, string, string> Broken => new()
    {
        { 1, "", "incomplete" },
        { 1, "[]", "expected an object" },
        { 1, "{}", "expected \"version\"" },
        { 1, "nonsense", "not valid JSON" },
        { 1, """{"version":"1"}""", "whole number" },
        { 1, """{"version":0,"consumers":[]}""", "whole number" },
        { 1, """{"version":1.5,"consumers":[]}""", "whole number" },
        { 2, "{\n\"version\":2,\n\"secrets\":[]}", "version 2" },
        { 1, """{"version":1}""", "expected \"consumers\"" },
        { 1, """{"consumers":[],"version":1}""", "expected \"version\"" },
        { 1, """{"version":1,"consumers":{}}""", "expected an array" },
        { 1, """{"version":1,"consumers":[],"more":1}""", "the end of the object" },
        { 2, "{\"version\":1,\"consumers\":[]}\n{}", "not valid JSON" },
        { 3, $"{{\"version\":1,\"consumers\":[\n  {Entry("a", AppKey)},\n", "incomplete" },
        { 1, """{"version":1,"consumers":[7]}""", "expected an object" },
        { 3, Members("\"name\":\"-a\""), "expected \"name\" to be" },
        { 3, Members("\"name\":7"), "expected a string" },
        { 3, Members("\"name\":\"\\ud800\""), "not valid Unicode" },
        { 3, Members("\"appKey\":\"short\""), "36 letters and digits" },
        { 3, Members("\"secretSha256\":\"" + Hash[1..] + "\""), "64 hexadecimal digits" },
        { 3, Members("\"secretSha256\":\"" + Hash[1..] + "g\""), "64 hexadecimal digits" },
        { 1, """{"\ud800":1}""", "expected \"version\"" },
        { 3, Members("\"\\ud800\":1"), "not valid Unicode" },
        { 3, Members("\"feeds\":\"\\ud800\""), "not valid Unicode" },
        { 3, Members("\"feeds\":[null]"), "expected a string" },
        { 3, Members("\"expires\":null"), "expected a time" },
        { 3, Members("\"limits\":null"), "expected an object" },
        { 3, Members("\"limits\":{\"slots\":null}"), "at least 1" },
        { 2, "{\"version\":1,\"consumers\":[\nnull]}", "expected an object" },
        { 3, Members("\"feeds\":null"), "array of TR IDs" },
        { 3, Members("\"feeds\":\"ALL\""), "array of TR IDs" },
        { 3, Members("\"feeds\":[\"H0 UP\"]"), "TR ID" },
        { 3, Members("\"feeds\":[[]]"), "expected a string" },
        { 3, Members("\"notices\":[\"a b\"]"), "expected an HTS ID" },
        { 3, Members("\"limits\":[]"), "expected an object" },
        { 3, Members("\"limits\":{\"slots\":0}"), "at least 1" },
        { 3, Members("\"limits\":{\"slots\":1.5}"), "at least 1" },
        { 3, Members("\"limits\":{\"slots\":1,\"slots\":2}"), "at most once" },
        { 3, Members("\"limits\":{\"hours\":1}"), "no other members" },
        { 3, Members("\"notices\":\"false\""), "true, false or an array" },
        { 3, Members("\"notices\":1"), "true, false or an array" },
        { 3, Members("\"operator\":\"true\""), "true or false" },
        { 4, Members("\"operator\":true,\n\"operator\":true"), "at most once" },
        { 3, Members("\"created\":\"yesterday\""), "expected a time" },
        { 3, Members("\"admin\":true"), "no other members" },
        { 3, Members("\"expires\":\"2027\""), "expected a time" },
        { 3, Members("\"previous\":null"), "expected an object" },
        { 3, Members("\"previous\":{}"), "\"appKey\" is missing" },
        { 3, Members($"\"previous\":{{\"appKey\":\"{AppKey}\",\"secretSha256\":\"{Hash}\"}}"), "\"until\" is missing" },
        { 3, Members($"\"previous\":{{\"appKey\":\"{AppKey}\",\"name\":\"a\"}}"), "appKey, secretSha256 and until once" },
        { 4, Members("\"notices\":true,\n\"notices\":false"), "once" },
        { 2, Members("\"notices\":false"), "\"name\" is missing" },
        { 2, Members($"\"name\":\"a\",\"appKey\":\"{AppKey}\",\"secretSha256\":\"{Hash}\",\"notices\":false,"
            + "\"created\":\"2026-11-20T00:30:01Z\""), "\"feeds\" is missing" },
        { 4, $"{{\"version\":1,\"consumers\":[\n{Entry("a", AppKey)},\n\n{Entry("A", AppKey)}]}}", "the name A is used twice" },
        { 3, $"{{\"version\":1,\"consumers\":[\n{Entry("a", AppKey)},\n{Entry("b", AppKey)}]}}", "the app key of b is used twice" },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task HTS_IDs_and_limits_survive_writing_and_reading()
    {
        var consumer = TokenFolder.NewConsumer("a", notices: true) with
        {
            HtsIds = ["Anna", "boris"],
            Quota = new ConsumerQuota(Slots: 20, Connections: null, RequestsPerSecond: 5),
        };
        await _folder.AddAsync(consumer);

        var read = _folder.File.Read().Single();
        read.HtsIds!.Value.ShouldBe(["Anna", "boris"]);
        read.Quota.ShouldBe(consumer.Quota);
        read.MayRegister(OrderNotice.Feed.Schema, "Anna").ShouldBeTrue();
        read.MayRegister(OrderNotice.Feed.Schema, "anna").ShouldBeFalse();
    }

    [Fact]
    public async Task The_written_file_has_the_documented_format()
    {
        var hash = ConsumerCredentials.HashOf("secret");
        var digits = Convert.ToHexStringLower([.. hash]);
        var consumer = new Consumer
        {
            Name = "a",
            AppKey = AppKey,
            SecretHash = hash,
            CreatedAt = new DateTimeOffset(2026, 11, 20, 9, 30, 1, TimeSpan.FromHours(9)),
        };
        await _folder.AddAsync(consumer);
        await _folder.AddAsync(consumer with
        {
            Name = "b",
            AppKey = new string('b', 36),
            Feeds = ["H0UPCNT0"],
            Notices = true,
            HtsIds = ["Anna"],
            Operator = true,
            Quota = new ConsumerQuota(Slots: 20, Connections: null, RequestsPerSecond: 5),
            ExpiresAt = s_later,
            Previous = new PreviousCredentials(new string('p', 36), hash, s_later),
        });

        (await File.ReadAllTextAsync(_folder.FilePath)).ShouldBe($$"""
            {
              "version": 1,
              "consumers": [
                {
                  "name": "a",
                  "appKey": "{{AppKey}}",
                  "secretSha256": "{{digits}}",
                  "feeds": "all",
                  "notices": false,
                  "created": "2026-11-20T00:30:01Z"
                },
                {
                  "name": "b",
                  "appKey": "{{new string('b', 36)}}",
                  "secretSha256": "{{digits}}",
                  "feeds": [
                    "H0UPCNT0"
                  ],
                  "notices": [
                    "Anna"
                  ],
                  "operator": true,
                  "limits": {
                    "slots": 20,
                    "requestsPerSecond": 5
                  },
                  "created": "2026-11-20T00:30:01Z",
                  "expires": "2027-01-01T00:00:00Z",
                  "previous": {
                    "appKey": "{{new string('p', 36)}}",
                    "secretSha256": "{{digits}}",
                    "until": "2027-01-01T00:00:00Z"
                  }
                }
              ]
            }

            """);
    }

    [Fact]
    public void A_missing_file_has_no_consumers() => _folder.File.Read().ShouldBeEmpty();

    [Fact]
    public async Task A_written_consumer_is_read()
    {
        Consumer[] written =
        [
            TokenFolder.NewConsumer("anna"),
            TokenFolder.NewConsumer("boris", feeds: ["H0UPCNT0", "H0BJCNT0"], notices: true),
            TokenFolder.NewConsumer("carl", feeds: []),
            TokenFolder.NewConsumer("dora", isOperator: true),
            TokenFolder.NewConsumer("emil") with
            {
                ExpiresAt = s_later,
                Previous = new PreviousCredentials(new string('p', 36), ConsumerCredentials.HashOf("old"), s_later),
            },
        ];
        foreach (var consumer in written)
            await _folder.AddAsync(consumer);

        Texts(_folder.File.Read()).ShouldBe(Texts(written));
    }

    [Fact]
    public async Task A_file_with_a_byte_order_mark_and_other_formatting_is_read()
    {
        _folder.Write($"\uFEFF{{ \"version\" : 1,\r\n\t\"consumers\":[{Entry("a", AppKey)}] }}\r\n\r\n");
        await _folder.AddAsync("b");

        _folder.File.Read().Select(c => c.Name).ShouldBe(["a", "b"]);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task An_invalid_file_is_reported_with_path_and_line_and_left_unchanged(int line, string text, string problem)
    {
        _folder.Write(text);
        var error = Should.Throw<KisFeedConfigurationException>(() => _folder.File.Read());

        error.Message.ShouldStartWith($"{_folder.FilePath}, line {line}: ");
        error.Message.ShouldMatch(problem);
        error.InnerException.ShouldBeNull();
        (await Should.ThrowAsync<KisFeedConfigurationException>(_folder.AddAsync("b", replaces: true))).Message.ShouldBe(error.Message);
        (await Should.ThrowAsync<KisFeedConfigurationException>(_folder.RemoveAsync("b"))).Message.ShouldBe(error.Message);
        (await File.ReadAllTextAsync(_folder.FilePath)).ShouldBe(text);
    }

    [Fact]
    public async Task A_name_is_unique_unless_it_is_replaced()
    {
        var (first, second) = (TokenFolder.NewConsumer("anna"), TokenFolder.NewConsumer("ANNA", feeds: []));
        await _folder.AddAsync(first);
        await _folder.AddAsync("boris", replaces: true);

        (await Should.ThrowAsync<KisFeedConfigurationException>(_folder.AddAsync(second))).Message.ShouldContain("--replace");
        _folder.File.Read()[0].HasCredentialsOf(first).ShouldBeTrue();
        await _folder.AddAsync(second, replaces: true);
        _folder.File.Read().Select(c => c.Name).ShouldBe(["ANNA", "boris"]);
        _folder.File.Read()[0].HasCredentialsOf(second).ShouldBeTrue();
    }

    [Fact]
    public async Task A_removed_consumer_is_deleted_and_an_unknown_name_is_an_error()
    {
        await _folder.AddAsync("anna");
        await _folder.AddAsync("boris");
        await _folder.RemoveAsync("Anna");

        _folder.File.Read().Select(c => c.Name).ShouldBe(["boris"]);
        (await Should.ThrowAsync<KisFeedConfigurationException>(() => _folder.RemoveAsync("anna"))).Message
            .ShouldEndWith($"no consumer anna in {_folder.FilePath}; it has boris");
    }

    [Fact]
    public async Task Concurrent_writers_lose_no_changes()
    {
        var names = Enumerable.Range(0, 20).Select(i => $"c{i}").ToArray();
        await Task.WhenAll(names.Select(name => Task.Run(() => _folder.AddAsync(name))));

        _folder.File.Read().Select(c => c.Name).ShouldBe(names, ignoreOrder: true);
    }

    [Fact]
    public async Task Readers_never_see_a_partial_file()
    {
        await _folder.AddAsync("anna");
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
                await _folder.AddAsync("anna", replaces: true);
        });
        do
            _folder.File.Read().Length.ShouldBe(1);
        while (!writing.IsCompleted);
        await writing;
    }

    [Fact]
    public async Task Only_the_file_and_its_lock_remain_and_only_their_owner_can_read_them()
    {
        await _folder.AddAsync("anna");
        await _folder.RemoveAsync("anna");
        var directory = new DirectoryInfo(Path.GetDirectoryName(_folder.FilePath)!);

        directory.GetFiles().Select(f => f.FullName).ShouldBe([_folder.FilePath, $"{_folder.FilePath}.lock"], ignoreOrder: true);
        if (OperatingSystem.IsWindows())
            return;
        directory.UnixFileMode.ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in directory.GetFiles())
            file.UnixFileMode.ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.Name);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task A_file_that_others_can_access_is_refused(UnixFileMode others)
    {
        if (OperatingSystem.IsWindows())
            return;
        await _folder.AddAsync("anna");
        File.SetUnixFileMode(_folder.FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        var error = Should.Throw<KisFeedConfigurationException>(() => _folder.File.Read());

        error.Message.ShouldContain($"'chmod 600 {_folder.FilePath}'");
        await Should.ThrowAsync<KisFeedConfigurationException>(_folder.AddAsync("b"));
    }

    [Fact]
    public void A_file_that_is_too_long_is_not_read()
    {
        _folder.Write(new string(' ', ConsumerFile.MaxBytes + 1));

        Should.Throw<KisFeedConfigurationException>(() => _folder.File.Read()).Message.ShouldContain("longer than 1048576 bytes");
    }

    [Fact]
    public async Task A_failed_write_is_reported()
    {
        var file = new ConsumerFile(Path.Combine(_folder.FilePath, "below", "a-file"));
        _folder.Write("{}");

        (await Should.ThrowAsync<KisFeedConfigurationException>(
            () => file.AddAsync(TokenFolder.NewConsumer("b"), replaces: false, CancellationToken.None))).Message
            .ShouldContain($"{file.Path} cannot be written");
    }

    private static string[] Texts(IEnumerable<Consumer> consumers) =>
        [.. consumers.Select(c => $"{c.Name} {c.AppKey} {Convert.ToHexString([.. c.SecretHash])} "
            + $"{(c.Feeds is { } feeds ? string.Join(',', feeds) : "all")} {c.Notices} {c.Operator} {c.CreatedAt:O} {c.ExpiresAt:O} "
            + $"{c.Previous?.AppKey} {(c.Previous is { } p ? Convert.ToHexString([.. p.SecretHash]) : "")} {c.Previous?.Until:O}")];

    private static string Members(string members) => $"{{\"version\":1,\"consumers\":[\n{{\n{members}}}]}}";

    private static string Entry(string name, string appKey) =>
        $$"""{"name":"{{name}}","appKey":"{{appKey}}","secretSha256":"{{Hash}}","feeds":"all","notices":false"""
        + ""","created":"2026-11-20T00:30:01+09:00"}""";
}
