using System.CommandLine;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Hosting;

/// <summary>Errors of the client name the options and variables of the command.</summary>
public sealed class FailureTextTests
{
    private static readonly Command s_kisfeed = CommandLine.Create(
        new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null });

    [Fact]
    public void Option_is_named_only_if_the_command_has_it()
    {
        var silent = new ConnectionLostException("silent: allow a longer time") { Reason = HaltReason.Silent };

        FailureText.Of(silent, CommandOf("watch")).ShouldBe("silent: allow a longer time (--watchdog)");
        FailureText.Of(silent, CommandOf("gateway")).ShouldBe("silent: allow a longer time");
        FailureText.Of(new ConnectionLostException("refused") { Reason = HaltReason.ApprovalKeyRefused }, CommandOf("gateway"))
            .ShouldBe("refused (--url, --rest, --env)");
    }

    [Fact]
    public void Limit_of_registrations_names_the_variables_of_another_app_key()
    {
        FailureText.Of(new RegistrationLimitException("add another app key"))
            .ShouldBe("add another app key (KISFEED_APPKEY_2 and KISFEED_APPSECRET_2)");
        FailureText.Of(new RegistrationLimitException("too many new ones") { RetryAfter = TimeSpan.FromSeconds(1) })
            .ShouldBe("too many new ones");
    }

    [Fact]
    public void Missing_client_certificate_names_its_option() =>
        FailureText.Of(new ApprovalKeyException("no answer. It may require a client certificate: if so, present a valid one"))
            .ShouldBe("no answer. It may require a client certificate: if so, present a valid one (--client-certificate)");

    [Theory]
    [InlineData("KisFeedOptions.WatchdogTimeout must be positive. It was set by: code.", "--watchdog must be positive.")]
    [InlineData(
        "KisFeedOptions.RestUrl must be absolute. It was set by: KISFEED_REST.", "RestUrl must be absolute. It was set by: KISFEED_REST.")]
    [InlineData("KisFeedOptions.AdditionalAppKeys[0].AppKey is a duplicate.", "AdditionalAppKeys[0].AppKey is a duplicate.")]
    [InlineData("KISFEED_APPKEY is not set", "KISFEED_APPKEY is not set")]
    public void Invalid_options_are_named_as_on_the_command_line(string message, string text) =>
        FailureText.Of(new KisFeedConfigurationException(message)).ShouldBe(text);

    [Fact]
    public async Task Option_out_of_range_is_named_as_on_the_command_line()
    {
        var run = await CommandRun.WithVariablesAsync(Service.VariablesFor("ws://127.0.0.1:9"), "watch", "index:0001", "--watchdog", "25h");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldBe("kisfeed: --watchdog must be positive and at most a day.\n");
    }

    [Fact]
    public async Task Refused_approval_keys_name_the_options_to_check()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { Faults = SimulatorFaults.Parse("refuse=OPSP0011") });
        var run = await CommandRun.WithVariablesAsync(service.Variables, "watch", "index:0001", "--no-reconnect");

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Error.ShouldEndWith(
            "check that the WebSocket address, the REST address and the environment belong together (--url, --rest, --env)\n");
        run.Error.ShouldNotContain(nameof(KisFeedOptions));
    }

    private static Command CommandOf(string name) => s_kisfeed.Subcommands.Single(command => command.Name == name);
}
