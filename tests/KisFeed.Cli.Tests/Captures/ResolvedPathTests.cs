using KisFeed.Cli.Captures;

namespace KisFeed.Cli.Tests.Captures;

/// <summary>Which output paths may be replaced; nothing is written.</summary>
public sealed class ResolvedPathTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-place-");

    [Theory]
    [InlineData("/dev/null", true)]
    [InlineData("/dev/stdout", true)]
    [InlineData("/dev/fd/63", true)]
    [InlineData("/proc/self/fd/1", true)]
    [InlineData("/dev/shm/bars.csv", false)]
    [InlineData("/developer/bars.csv", false)]
    public void Devices_are_not_replaced(string path, bool isDevice)
    {
        if (!OperatingSystem.IsWindows())
            ResolvedPath.Of(path).ShouldBe(new ResolvedPath(path, isDevice));
    }

    [Fact]
    public void Links_are_followed_to_their_targets()
    {
        if (OperatingSystem.IsWindows())
            return;
        Directory.CreateDirectory(At("real"));
        File.CreateSymbolicLink(At("folder"), "real");
        File.CreateSymbolicLink(At("devices"), "/dev");
        File.CreateSymbolicLink(At("null"), "devices/null");
        File.CreateSymbolicLink(At("real/new"), "../real/data.csv");

        ResolvedPath.Of(At("folder/new")).ShouldBe(new ResolvedPath(At("real/data.csv"), IsDevice: false));
        ResolvedPath.Of(At("null")).IsDevice.ShouldBeTrue();
        ResolvedPath.Of(At("devices/null")).IsDevice.ShouldBeTrue();
    }

    [Fact]
    public void Circular_links_are_refused()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.CreateSymbolicLink(At("a"), "b");
        File.CreateSymbolicLink(At("b"), "a");

        Should.Throw<CommandException>(() => ResolvedPath.Of(At("a"))).Message.ShouldContain("too many symbolic links");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
