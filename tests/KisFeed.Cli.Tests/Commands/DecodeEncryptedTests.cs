using System.Buffers;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Cli.Tests.Commands;

public sealed class DecodeEncryptedTests
{
    private const string Key = "abcdefghijklmnopabcdefghijklmnop";
    private const string Iv = "0123456789abcdef";
    private const string Notice =
        "abcd1234^1234567803^0000001666^^02^0^0^111V06^0000000002^007840000^095835^0^2^2^00950^000000000^위탁계좌^삼성전자   F 2^^^^000000000";

    [Fact]
    public async Task Encrypted_frames_are_decrypted_with_the_given_key()
    {
        var run = await CommandRun.WithInputAsync(
            $"{Encrypt(1, Notice)}\n{Encrypt(2, $"{Notice}^{Notice}")}\n", "decode", "--names", "kis", "--key", Key, "--iv", Iv);

        var plain = (await CommandRun.WithInputAsync($"0|H0IFCNI0|001|{Notice}", "decode", "--names", "kis")).Lines.ShouldHaveSingleItem();
        run.Lines.ShouldBe([plain, plain, plain]);
        run.ExitCode.ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task A_missing_key_is_an_error_that_names_the_option()
    {
        var frame = Encrypt(1, Notice);
        var error = (await CommandRun.WithInputAsync(frame, "decode")).Objects.ShouldHaveSingleItem();

        error.GetProperty("error").GetString()!.ShouldContain("--key and --iv");
        error.GetProperty("raw").GetString().ShouldBe(frame);
    }

    [Theory]
    [InlineData("zyxwvutsrqponmlkzyxwvutsrqponmlk", "wrongNoticeKey")]
    [InlineData(Key, "invalidBase64", "1|H0IFCNI0|001|####")]
    [InlineData(Key, "invalidCipherLength", "1|H0IFCNI0|001|AAAA")]
    public async Task A_frame_that_does_not_decrypt_is_malformed_and_the_next_is_decoded(string key, string kind, string? frame = null)
    {
        frame ??= Encrypt(1, Notice);
        var run = await CommandRun.WithInputAsync($"{frame}\n0|H0IFCNI0|001|{Notice}\n", "decode", "--key", key, "--iv", Iv);

        run.ExitCode.ShouldBe(ExitCode.MalformedData);
        run.Objects.Length.ShouldBe(2);
        run.Objects[0].GetProperty("kind").GetString().ShouldBe(kind);
        run.Output.ShouldNotContain(key);
        run.Output.ShouldNotContain(Iv);
    }

    [Fact]
    public async Task An_unreadable_column_keeps_the_raw_text_encrypted()
    {
        var frame = Encrypt(1, Notice.Replace("095835", "995835"));
        var run = await CommandRun.WithInputAsync(frame, "decode", "--key", Key, "--iv", Iv);

        var error = run.Objects.ShouldHaveSingleItem();
        error.GetProperty("column").GetString().ShouldBe("STCK_CNTG_HOUR");
        error.GetProperty("raw").GetString().ShouldBe(frame);
        run.Output.ShouldNotContain("1234567803");
    }

    private static string Encrypt(int count, string records)
    {
        using var cipher = new NoticeCipher(NoticeKey.TryCreate(Encoding.ASCII.GetBytes(Key), Encoding.ASCII.GetBytes(Iv))!);
        var frame = new ArrayBufferWriter<byte>();
        FrameWriter.WriteHeader(frame, encrypted: true, "H0IFCNI0", count);
        cipher.Encrypt(Encoding.UTF8.GetBytes(records), frame);
        return Encoding.ASCII.GetString(frame.WrittenSpan);
    }
}
