using KisFeed.Cli.Commands;

namespace KisFeed.Cli.Tests.Gateways;

public sealed class GatewayConfigurationTests
{
    [Theory]
    [InlineData("# a gateway\nport: 0\nsimulate: true\nlive: false\nkeep: [index:0001, index:1001]\nduration: 100ms\nformat: json\n")]
    [InlineData("{\n\t\"port\": 0, \"simulate\": true,\n\t\"keep\": [\"index:0001\", \"index:1001\"],\n\t\"duration\": "
        + "\"100ms\", \"format\": \"json\"\n}")]
    public async Task Options_may_stand_in_a_file(string content)
    {
        var run = await RunAsync(content);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Objects.ShouldHaveSingleItem().GetProperty("port").GetInt32().ShouldBeGreaterThan(0);
        run.Error.ShouldContain("H0UPCNT0 1001");
    }

    [Fact]
    public async Task The_command_line_takes_precedence()
    {
        var run = await RunAsync(
            "port: 70000\nsimulate: true\nduration: 1h\nformat: text\n", "--port", "0", "--duration", "100ms", "--format", "json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Objects.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(
        ", line 2: 'prot' is not an option for a configuration file: 'kisfeed gateway --help-all' lists the options",
        "simulate: true\nprot: 1\n")]
    [InlineData(", line 1: 'config' is not an option for a configuration file", "config: other.yaml\n")]
    [InlineData(", line 1, port: '70000' is not a valid port. Use a number from 0 to 65535.", "port: 70000\n")]
    [InlineData(", line 2, keep: 'KOSPA' is not a valid key of index. A key is ", "simulate: true\nkeep: index:KOSPA\n")]
    [InlineData(", line 1: 'yes' is not a valid value of simulate. Use true or false", "simulate: yes\n")]
    [InlineData(", line 1: port has 2 values: give one", "port: [1, 2]\n")]
    [InlineData(", line 1: port has no value: give one, or leave port out", "port:\n")]
    [InlineData(", line 1: the value of keep is not a text or a list of texts", "keep: { a: b }\n")]
    [InlineData(", line 2: this is not valid YAML or JSON", "port: 1\nport: 2\n")]
    [InlineData(", line 1: this is not an option with a value: write one option per line", "port\n")]
    [InlineData(
        ", line 1, simulate: --live and --simulate cannot be used together: a gateway has one upstream.", "simulate: true\nlive: true\n")]
    [InlineData(", line 1, record-notices: --record-notices needs --record.", "record-notices: true\n")]
    [InlineData(
        ", line 2, certificate: --certificate: there is no file /nonexistent.pem", "simulate: true\ncertificate: /nonexistent.pem\n")]
    [InlineData(
        ", line 2, listen: other machines can reach 0.0.0.0, and without tokens anyone could connect", "simulate: true\nlisten: 0.0.0.0\n")]
    [InlineData(
        ", line 3, sink: --sink: the address of the database is not valid: use postgres://",
        "simulate: true\nrecord: capture\nsink: postgres://u:hush@h:x/d\n")]
    public async Task An_error_names_the_file_the_line_and_what_to_do(string problem, string content)
    {
        using var file = new TemporaryFile(content);
        var run = await CommandRun.OfAsync("gateway", "--config", file.Path, "--check");

        run.ShouldFail(ExitCode.Usage, $"kisfeed: {file.Path}{problem}");
        run.Error.ShouldNotContain("hush");
        run.Output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("kisfeed: --keep-days needs --record.", "--keep-days", "7")]
    [InlineData("kisfeed: 'index:0001' is not a valid port.", "--port", "index:0001")]
    public async Task An_error_of_the_command_line_is_not_one_of_the_file(string error, params string[] arguments)
    {
        var run = await RunAsync("simulate: true\nkeep: index:0001\n", [.. arguments, "--check"]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith(error);
    }

    [Fact]
    public async Task A_file_that_does_not_exist_is_an_error() =>
        (await CommandRun.OfAsync("gateway", "--config", "/nonexistent.yaml")).Error
            .ShouldStartWith("kisfeed: --config: /nonexistent.yaml cannot be read: ");

    [Fact]
    public async Task Valid_options_are_checked_without_starting_anything()
    {
        await using var service = await Service.StartAsync();

        var run = await RunAsync($"port: {service.Port}\nsimulate: true\nkeep: index:0001\n", "--check");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldEndWith("kisfeed: the options are valid\n");
        run.Error.ShouldNotContain("listens");
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_option_may_stand_in_a_file()
    {
        var host = new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null };
        foreach (var option in new GatewayCommand(host).Options.Where(option => option is not ConfigurationFileOption))
        {
            using var file = new TemporaryFile($"{option.Name[2..]}: {(option.ValueType == typeof(bool) ? "true" : "'?'")}\n");
            var run = await CommandRun.OfAsync("gateway", "--config", file.Path, "--check");
            run.Error.ShouldNotContain("is not an option");
        }
    }

    private static async Task<CommandRun> RunAsync(string content, params string[] arguments)
    {
        using var file = new TemporaryFile(content);
        return await CommandRun.OfAsync(["gateway", "--config", file.Path, .. arguments]);
    }
}
