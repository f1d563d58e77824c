using KisFeed.Cli.Tests.Deployment;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>The systemd unit is consistent with the command.</summary>
public sealed class ServiceUnitTests
{
    private static readonly string s_unit = Path.Combine(RepositoryRoot.Path, "deploy/systemd/kisfeed-gateway.service");

    [Fact]
    public void The_command_line_of_the_service_parses()
    {
        var arguments = UnitFile.Value(s_unit, "ExecStart").Split(' ');

        arguments[0].ShouldEndWith("/kisfeed");
        CommandLine.Create(new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null })
            .Parse(arguments[1..]).Errors
            .ShouldBeEmpty();
        arguments.Contains("--live", StringComparer.Ordinal).ShouldBeTrue();
    }

    [Fact]
    public void The_service_is_not_restarted_after_errors_that_a_restart_cannot_fix() =>
        UnitFile.Value(s_unit, "RestartPreventExitStatus").ShouldBe($"{ExitCode.Usage} {ExitCode.Refused}");
}
