using KisFeed.Capture.Inspection;

namespace KisFeed.Capture.Tests;

/// <summary>Deleting the lock file alone loses no data.</summary>
public sealed class RemovedLockTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    private string LockPath => Path.Combine(_folder.Path, ".recorder.lock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Recording_continues_in_the_same_file_and_locks_out_others()
    {
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Flush();
            File.Delete(LockPath);
            writer.Write("H0UPCNT0", Ticks.Index(2), Ticks.At(2));
            writer.Flush();

            writer.LostFiles.ShouldBe(0);
            Should.Throw<CaptureException>(() => _folder.Write()).Message.ShouldContain("another recorder writes to");
            writer.Write("H0UPCNT0", Ticks.Index(3), Ticks.At(3));
            writer.Close();
        }

        _folder.Files.Length.ShouldBe(1);
        await ShouldHoldAsync(1, 2, 3);
    }

    [Fact]
    public async Task A_file_replaced_by_a_copy_is_continued()
    {
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Flush();
            var (path, content) = (_folder.Files.Single(), CaptureFolder.Content(_folder.Files.Single()));
            File.Delete(LockPath);
            File.Delete(path);
            await File.WriteAllBytesAsync(path, content);
            writer.Write("H0UPCNT0", Ticks.Index(2), Ticks.At(2));
            writer.Close();
            writer.LostFiles.ShouldBe(0);
        }

        await ShouldHoldAsync(1, 2);
    }

    [Fact]
    public async Task A_file_closed_by_another_recorder_in_the_meantime_is_not_lost()
    {
        using (var first = _folder.Write())
        {
            first.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            first.Flush();
            File.Delete(LockPath);
            using (var second = _folder.Write())
            {
                second.Write("H0UPCNT0", Ticks.Index(2), Ticks.At(2));
                second.Close();
            }

            first.Write("H0UPCNT0", Ticks.Index(3), Ticks.At(3));
            first.Close();
            first.LostFiles.ShouldBe(0);
        }

        await ShouldHoldAsync(1, 2, 3);
    }

    private async Task ShouldHoldAsync(params int[] numbers)
    {
        List<int> actual = [];
        await foreach (var frame in CaptureReader.Open(_folder.Files).ReadFramesAsync())
        {
            actual.Add(
                int.Parse(Encoding.UTF8.GetString(frame.Bytes.Span).Split('^')[5], System.Globalization.CultureInfo.InvariantCulture));
        }
        actual.Order().ShouldBe(numbers);
        (await CaptureInspection.RunAsync(CaptureReader.Open(_folder.Path))).IsSound.ShouldBeTrue();
    }
}
