using System.Reflection;
using KisFeed.Wire;

namespace KisFeed.Tests.Architecture;

/// <summary>The library depends only on the base library and on abstractions.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void TheLibrary_RefersOnlyToTheBaseLibraryAndAbstractions()
    {
        var shared = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var foreign = typeof(DataFrame).Assembly.GetReferencedAssemblies()
            .Where(a => !File.Exists(Path.Combine(shared, $"{a.Name}.dll")) && !IsAbstraction(a));

        foreign.Select(a => a.Name).ShouldBeEmpty();
    }

    [Fact]
    public void TheRule_DistinguishesAbstractionsFromImplementations()
    {
        IsAbstraction(new AssemblyName("Microsoft.Extensions.Logging.Abstractions")).ShouldBeTrue();
        IsAbstraction(new AssemblyName("Microsoft.Extensions.Logging")).ShouldBeFalse();
        IsAbstraction(new AssemblyName("Newtonsoft.Json.Abstractions")).ShouldBeFalse();
    }

    private static bool IsAbstraction(AssemblyName assembly) =>
        assembly.Name!.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && assembly.Name.EndsWith(".Abstractions", StringComparison.Ordinal);
}
