using KisFeed.Capture.Files;

namespace KisFeed.Capture.Tests;

/// <summary>A folder has one recorder, and checking for a recorder does not count as one.</summary>
public sealed class DirectoryLockTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public void A_folder_is_locked_while_its_recorder_exists()
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
    public void A_recorder_retries_the_lock_while_another_process_checks_it()
    {
        new DirectoryLock(_folder.Path).Dispose();
        var reader = new FileStream(Path.Combine(_folder.Path, ".recorder.lock"), FileMode.Open, FileAccess.Read, FileShare.Read);
        var pauses = 0;

        using var held = new DirectoryLock(_folder.Path, () =>
        {
            if (++pauses == 2)
                reader.Dispose();
        });

        pauses.ShouldBe(2);
        DirectoryLock.IsHeld(_folder.Path).ShouldBeTrue();
    }

    [Fact]
    public void A_second_recorder_is_refused()
    {
        using var held = new DirectoryLock(_folder.Path);

        Should.Throw<CaptureException>(() => new DirectoryLock(_folder.Path, () => { })).Message
            .ShouldContain("another recorder writes to");
    }

    public void Dispose() => _folder.Dispose();
}
