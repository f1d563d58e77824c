using System.Text.RegularExpressions;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Tests.Commands;

public sealed class GatewayTokenTests : IDisposable
{
    private static readonly Dictionary<string, string> s_noVariables = new(StringComparer.Ordinal);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("kisfeed-home-");

    private string FilePath => Path.Combine(_home.FullName, ".config", "kisfeed", "gateway-tokens.json");

    private ConsumerSet Consumers => new(new ConsumerFile(FilePath).Read());

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task An_added_consumer_can_connect_with_the_printed_settings()
    {
        var run = await RunAsync("add", "anna");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.Length.ShouldBe(2);
        var key = ValueOf(run.Lines[0], "KISFEED_APPKEY");
        var secret = ValueOf(run.Lines[1], "KISFEED_APPSECRET");
        var anna = Consumers.Check(key, secret)!;
        anna.Name.ShouldBe("anna");
        anna.MayRegister(IndexTrade.Feed.Schema).ShouldBeTrue();
        anna.MayRegister(OrderNotice.Feed.Schema).ShouldBeFalse();
        anna.CreatedAt.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromHours(1));
        run.Error.ShouldBe(
            $"anna may register for all feeds but no order notices, according to {FilePath}. The secret is not stored: copy it now.\n");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(FilePath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Feeds_are_given_by_name_as_lists_or_one_by_one()
    {
        var run = await RunAsync("add", "anna", "--feeds", "H0UPCNT0, bond", "--feeds", "h0upcnt0", "--notices", "--format", "json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        var json = run.Objects.Single();
        var anna = Consumers.Check(json.GetProperty("appKey").GetString()!, json.GetProperty("appSecret").GetString()!)!;
        json.GetProperty("feeds").EnumerateArray().Select(f => f.GetString()).ShouldBe(["H0UPCNT0", "H0BJCNT0"]);
        json.GetProperty("notices").GetBoolean().ShouldBeTrue();
        KisFeeds.Catalog.Feeds.Where(f => !f.IsNotice && anna.MayRegister(f)).Select(f => f.TrId)
            .ShouldBe(["H0UPCNT0", "H0BJCNT0"], ignoreOrder: true);
        anna.MayRegister(OrderNotice.Feed.Schema).ShouldBeTrue();
        run.Error.ShouldStartWith("anna may register for index, bond and order notices");
    }

    [Fact]
    public async Task The_right_to_an_HTS_ID_is_given_for_every_feed_of_order_notices_at_once()
    {
        var run = await RunAsync("add", "anna", "--feeds", "index", "--notices", "AnnaKim,anna2");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        var anna = Consumers.Consumers.ShouldHaveSingleItem();
        foreach (var feed in KisFeeds.Catalog.Feeds.Where(feed => feed.IsNotice))
        {
            (anna.MayRegister(feed, "AnnaKim"), anna.MayRegister(feed, "anna2"), anna.MayRegister(feed, "annakim"),
                anna.MayRegister(feed, "boris"))
                .ShouldBe((true, true, false, false), feed.TrId);
            var refused = await RunAsync("add", "boris", "--feeds", $"index,{feed.Alias}");
            refused.ShouldFail(ExitCode.Usage, $"{feed.TrId} is a feed of order notices: use --notices");
        }
    }

    [Fact]
    public async Task An_operator_is_marked()
    {
        var run = await RunAsync("add", "desk", "--operator");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldStartWith("desk may register for all feeds but no order notices, and see what all others do, according to ");
        Consumers.Consumers.Single().Operator.ShouldBeTrue();
        (await RunAsync("add", "anna")).ExitCode.ShouldBe(ExitCode.Success);
        Consumers.Consumers.Select(c => c.Operator).ShouldBe([true, false]);
    }

    [Theory]
    [InlineData("is not a feed", "anna", "--feeds", "index,bonds")]
    [InlineData("is not a feed", "anna", "--feeds", "index,")]
    [InlineData("is not a feed", "anna", "--feeds", "")]
    [InlineData("use --notices to allow order notices", "anna", "--feeds", "index,notice")]
    [InlineData("is not a valid name. Use 1 to 64 letters", "an/na")]
    [InlineData("is not a valid name. Use 1 to 64 letters", "..")]
    [InlineData("is not a valid name. Use 1 to 64 letters", "")]
    public async Task Invalid_arguments_are_refused_and_nothing_is_written(string problem, params string[] arguments)
    {
        var run = await RunAsync(["add", .. arguments]);

        run.ShouldFail(ExitCode.Usage, problem);
        File.Exists(FilePath).ShouldBeFalse();
    }

    [Fact]
    public async Task An_existing_name_is_refused_unless_it_is_replaced()
    {
        var first = await RunAsync("add", "anna", "--format", "json");
        var again = await RunAsync("add", "Anna");

        again.ShouldFail(ExitCode.Usage, "--replace");
        AcceptsCredentials(first).ShouldBeTrue();
        var replaced = await RunAsync("add", "Anna", "--replace", "--format", "json");
        replaced.ExitCode.ShouldBe(ExitCode.Success, replaced.Error);
        AcceptsCredentials(first).ShouldBeFalse();
        AcceptsCredentials(replaced).ShouldBeTrue();
        Consumers.Consumers.Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_replaced_consumer_keeps_rights_that_are_not_given()
    {
        await RunAsync("add", "lim", "--feeds", "index", "--notices", "--operator", "--expires", "2099-12-31");

        var replaced = await RunAsync("add", "lim", "--replace", "--format", "json");

        AcceptsCredentials(replaced).ShouldBeTrue();
        var consumer = Consumers.Consumers.ShouldHaveSingleItem();
        consumer.Feeds!.Value.ShouldBe(["H0UPCNT0"]);
        (consumer.Notices, consumer.Operator, consumer.ExpiresAt)
            .ShouldBe((true, true, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.FromHours(9))));
        await RunAsync("add", "lim", "--replace", "--feeds", "all", "--no-notices", "--no-operator", "--expires", "never");
        consumer = Consumers.Consumers.ShouldHaveSingleItem();
        (consumer.Feeds, consumer.Notices, consumer.Operator, consumer.ExpiresAt).ShouldBe((null, false, false, null));
    }

    [Fact]
    public async Task Rights_are_changed_without_new_credentials()
    {
        var added = await RunAsync("add", "lim", "--feeds", "index", "--notices", "--format", "json");

        var run = await RunAsync("set", "Lim", "--feeds", "bond", "--no-notices", "--expires", "2099-12-31");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldBe($"lim may register for bond but no order notices, until 2099-12-31T15:00:00Z, according to {FilePath}\n");
        run.Output.ShouldBeEmpty();
        AcceptsCredentials(added).ShouldBeTrue();
        (await RunAsync("set", "lim")).Error.ShouldContain("nothing to change");
        (await RunAsync("set", "nobody", "--notices")).Error.ShouldContain("there is no consumer nobody");
        (await RunAsync("set", "lim", "--notices", "--no-notices")).Error.ShouldContain("cannot be used together");
        (await RunAsync("set", "lim", "--expires", "tomorrow")).Error.ShouldContain("'tomorrow' is not a valid day");
    }

    [Fact]
    public async Task Credentials_are_rotated_with_an_overlap_and_the_rights_stay()
    {
        var first = await RunAsync("add", "lim", "--feeds", "index", "--format", "json");

        var second = await RunAsync("rotate", "lim", "--format", "json");

        second.ExitCode.ShouldBe(ExitCode.Success, second.Error);
        second.Error.ShouldContain("The old ones are valid until ");
        (AcceptsCredentials(first), AcceptsCredentials(second)).ShouldBe((true, true));
        Consumers.Consumers.ShouldAllBe(consumer => consumer.Name == "lim" && consumer.Feeds!.Value.Single() == "H0UPCNT0");
        var listed = (await RunAsync("list", "--format", "json")).Objects.ShouldHaveSingleItem();
        listed.GetProperty("previousUntil").GetDateTimeOffset()
            .ShouldBe(DateTimeOffset.UtcNow + TimeSpan.FromHours(24), TimeSpan.FromHours(1));
        var third = await RunAsync("rotate", "lim", "--overlap", "1h", "--format", "json");
        (AcceptsCredentials(first), AcceptsCredentials(second), AcceptsCredentials(third)).ShouldBe((false, true, true));
        var fourth = await RunAsync("rotate", "lim", "--overlap", "off", "--format", "json");
        (AcceptsCredentials(third), AcceptsCredentials(fourth)).ShouldBe((false, true));
    }

    [Fact]
    public async Task Consumers_are_listed_as_a_table_and_as_JSON()
    {
        await RunAsync("add", "anna", "--notices");
        await RunAsync("add", "boris", "--feeds", "index,H0BJCNT0", "--operator");
        var used = new DateTimeOffset(2026, 11, 20, 0, 31, 0, TimeSpan.Zero);
        await new LastUseFile(FilePath).UpdateAsync(
            new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal) { ["boris"] = used }, _ => true);
        var table = await RunAsync("list");
        var json = await RunAsync("list", "--format", "json");

        table.ExitCode.ShouldBe(ExitCode.Success);
        table.Lines.Select(
            line => Regex.Replace(line.TrimEnd(), @"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", RegexOptions.None, TimeSpan.FromSeconds(1)))
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            .ShouldBe(
                [
                    "name feeds notices operator limits created last used expires old credentials until",
                    "anna all yes no default TIME never never",
                    "boris index, bond no yes default TIME TIME never",
                ]);
        json.Objects.Select(o => o.GetProperty("name").GetString()).ShouldBe(["anna", "boris"]);
        json.Objects[0].GetProperty("feeds").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        json.Objects[1].GetProperty("feeds")[1].GetString().ShouldBe("H0BJCNT0");
        json.Objects[0].EnumerateObject().Select(m => m.Name)
            .ShouldBe(["name", "feeds", "notices", "htsIds", "limits", "operator", "created", "expires", "previousUntil", "lastUsed"]);
        json.Objects[0].GetProperty("lastUsed").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        json.Objects[1].GetProperty("lastUsed").GetDateTimeOffset().ShouldBe(used);
        json.Objects.Select(o => o.GetProperty("operator").GetBoolean()).ShouldBe([false, true]);
        (table.Error + json.Error).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task An_empty_list_is_reported_as_such(string format)
    {
        var run = await RunAsync("list", "--format", format);

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldContain("has no consumers");
        File.Exists(FilePath).ShouldBeFalse();
    }

    [Fact]
    public async Task A_removed_consumer_is_deleted_and_an_unknown_name_is_an_error()
    {
        var anna = await RunAsync("add", "anna", "--format", "json");
        var boris = await RunAsync("add", "boris", "--format", "json");
        var run = await RunAsync("remove", "anna");
        var again = await RunAsync("remove", "anna");

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldBe($"anna was removed from {FilePath}\n");
        (AcceptsCredentials(anna), AcceptsCredentials(boris)).ShouldBe((false, true));
        again.ShouldFail(ExitCode.Usage, "there is no consumer anna");
        again.Error.ShouldContain("it has boris");
    }

    [Theory]
    [InlineData("add", "boris")]
    [InlineData("list")]
    [InlineData("remove", "boris")]
    public async Task An_invalid_file_is_reported_with_path_and_line_and_left_unchanged(params string[] arguments)
    {
        await RunAsync("add", "anna");
        var broken = (await File.ReadAllTextAsync(FilePath)).Replace("\"notices\"", "\"notizen\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(FilePath, broken);
        var run = await RunAsync(arguments);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldStartWith($"kisfeed: {FilePath}, line 9: expected name");
        (await File.ReadAllTextAsync(FilePath)).ShouldBe(broken);
    }

    [Fact]
    public async Task The_file_is_that_of_the_option_or_the_variable_or_the_home_folder()
    {
        var (given, variable) = (Path.Combine(_home.FullName, "given.json"), Path.Combine(_home.FullName, "variable.json"));
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["KISFEED_GATEWAY_TOKENS"] = variable };
        await CommandRun.WithHomeAsync(_home.FullName, variables, "gateway", "token", "add", "anna", "--file", given);
        await CommandRun.WithHomeAsync(_home.FullName, variables, "gateway", "token", "add", "boris");

        NamesIn(given).ShouldBe(["anna"]);
        NamesIn(variable).ShouldBe(["boris"]);
        File.Exists(FilePath).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_a_home_folder_the_file_must_be_named()
    {
        (await CommandRun.OfAsync("gateway", "token", "list")).ShouldFail(ExitCode.Usage, "--file or KISFEED_GATEWAY_TOKENS");
    }

    private static string ValueOf(string line, string name)
    {
        var begin = OperatingSystem.IsWindows() ? $"$env:{name} = '" : $"export {name}=";
        line.ShouldStartWith(begin);
        return line[begin.Length..].TrimEnd('\'');
    }

    private static IEnumerable<string> NamesIn(string path) => new ConsumerFile(path).Read().Select(c => c.Name);

    private bool AcceptsCredentials(CommandRun added) =>
        Consumers.Check(added.Objects[0].GetProperty("appKey").GetString()!, added.Objects[0].GetProperty("appSecret").GetString()!)
            is not null;

    private Task<CommandRun> RunAsync(params string[] arguments) =>
        CommandRun.WithHomeAsync(_home.FullName, s_noVariables, ["gateway", "token", .. arguments]);
}
