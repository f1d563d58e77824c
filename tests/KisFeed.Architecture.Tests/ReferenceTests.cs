using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace KisFeed.Architecture.Tests;

/// <summary>Programs that use the packages get few others with them.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void The_library_depends_only_on_abstractions() => ForeignTo("KisFeed").Where(name => !IsAbstraction(name)).ShouldBeEmpty();

    [Fact]
    public void Hosting_depends_only_on_the_library_abstractions_options_health_checks_and_YamlDotNet()
    {
        var foreign = ForeignTo("KisFeed.Hosting");

        foreign.Where(name => !IsAbstraction(name)).ShouldBe(
            ["KisFeed", "Microsoft.Extensions.Diagnostics.HealthChecks", "Microsoft.Extensions.Options", "YamlDotNet"], ignoreOrder: true);
        foreign.ShouldContain(name => IsAbstraction(name));
    }

    [Fact]
    public void PostgreSql_depends_only_on_the_libraries_abstractions_and_Npgsql() =>
        ForeignTo("KisFeed.PostgreSql").Where(name => !IsAbstraction(name))
            .ShouldBe(["KisFeed", "KisFeed.Capture", "Npgsql"], ignoreOrder: true);

    [Fact]
    public void Coordination_depends_only_on_the_library_abstractions_and_Npgsql() =>
        ForeignTo("KisFeed.Coordination").Where(name => !IsAbstraction(name)).ShouldBe(["KisFeed", "Npgsql"], ignoreOrder: true);

    [Fact]
    public void RabbitMq_depends_only_on_the_libraries_abstractions_and_the_client_of_RabbitMQ() =>
        // The last is a parameter of the client.
        ForeignTo("KisFeed.RabbitMq").Where(name => !IsAbstraction(name))
            .ShouldBe(["KisFeed", "KisFeed.Capture", "RabbitMQ.Client", "System.Threading.RateLimiting"], ignoreOrder: true);

    [Fact]
    public void The_rule_distinguishes_abstractions_from_implementations()
    {
        IsAbstraction("Microsoft.Extensions.Logging.Abstractions").ShouldBeTrue();
        IsAbstraction("Microsoft.Extensions.Logging").ShouldBeFalse();
        IsAbstraction("Newtonsoft.Json.Abstractions").ShouldBeFalse();
    }

    // The references that are not part of the base library.
    private static string[] ForeignTo(string assembly)
    {
        var shared = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll")));
        var metadata = file.GetMetadataReader();
        return
        [
            .. metadata.AssemblyReferences.Select(reference => metadata.GetString(metadata.GetAssemblyReference(reference).Name))
                .Where(name => !File.Exists(Path.Combine(shared, $"{name}.dll"))),
        ];
    }

    private static bool IsAbstraction(string name) =>
        name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && name.EndsWith(".Abstractions", StringComparison.Ordinal);
}
