using KisFeed.Capture.Files;

namespace KisFeed.Capture.Tests;

/// <summary>One recorder in a folder, and whoever asks whether there is one is not taken for another.</summary>
public sealed class DirectoryLockTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public void A_folder_is_held_as_long_as_its_recorder_lives()
    {
        DirectoryLock.IsHeld(_folder.Path).ShouldBeFalse();
        using (new DirectoryLock(_folder.Path))
        {
            DirectoryLock.IsHeld(_folder.Path).ShouldBeTrue();
            DirectoryLock.IsHeldOver(Path.Combine(_folder.Path, "2026-11-20", "a.log.gz")).ShouldBeTrue();
        }

        DirectoryLock.IsHeld(_folder.Path).ShouldBeFalse();
    }

    [Fact]
    public void A_recorder_that_starts_while_somebody_asks_comes_again()
    {
        new DirectoryLock(_folder.Path).Dispose();
        var asking = new FileStream(Path.Combine(_folder.Path, ".recorder.lock"), FileMode.Open, FileAccess.Read, FileShare.Read);
        var pauses = 0;

        using var held = new DirectoryLock(_folder.Path, () =>
        {
            if (++pauses == 2)
                asking.Dispose();
        });

        pauses.ShouldBe(2);
        DirectoryLock.IsHeld(_folder.Path).ShouldBeTrue();
    }

    [Fact]
    public void A_second_recorder_is_refused()
    {
        using var held = new DirectoryLock(_folder.Path);

        Should.Throw<CaptureException>(() => new DirectoryLock(_folder.Path, () => { })).Message.ShouldContain("another recorder writes to");
    }

    public void Dispose() => _folder.Dispose();
}
