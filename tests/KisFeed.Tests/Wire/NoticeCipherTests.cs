using FsCheck;
using FsCheck.Fluent;
using KisFeed.Tests.Feeds;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Wire;

public sealed class NoticeCipherTests
{
    private const string Key = "abcdefghijklmnopabcdefghijklmnop";
    private const string Iv = "0123456789abcdef";

    // Created with OpenSSL: openssl enc -aes-256-cbc -K (the key in hex) -iv (the IV in hex) -base64 -A
    private const string Sample = "Sogx3MhItEeEhZA5ldjk7tN2CdGAUjUGOU20zuLlBlOhkiy0XGKNGNOmvylSGWQeqfemhM3r450hB1JmBHJjJRM+"
        + "tphaXglTkdEPLnMYpJV5FcbHap1qPp4qpVDEBDQqDpeXU++qJ2TcSs/o47hiZ5zXmseGd0bT2rrGOYLH0WlGfnD/ap5xaveMO+HMC571";
    private const string SampleWithPipes = "HLac3ZupJg94GbSdrDnRworkv5blDKKQsxwoHDYvr4hK1O/auS7rZzm1TJiuOWM/"
        + "50rZ10m0jVntRzzr+RLozjFkS002NWFWw13jju/"
        + "h17pvgg97cygyri5jXfu2kx61sH9PNh39fQC5SF4AdDpmF8m51n5tx2kD2njvvJ06kZhSAFa2ufJYSXSebuLh9vXo";
    private const string TruncatedSample = "Sogx3MhItEeEhZA5ldjk7tN2CdGAUjUGOU20zuLlBlM=";
    private const string NotUtf8 = "g+r5qslOtr3cWnjvXXrdZw==";
    private const string Empty = "y7hdsKoPC9JUs2nQMf/paw==";

    [Fact]
    public void Decrypts_OutputOfOpenSsl() =>
        Decrypt($"1|H0IFCNI0|001|{Sample}").ShouldBe(Samples.Of("H0IFCNI0"));

    [Fact]
    public void Encrypts_LikeOpenSsl()
    {
        using var cipher = Cipher();
        var output = new ArrayBufferWriter<byte>();
        cipher.Encrypt(Decoding.Bytes(Samples.Of("H0IFCNI0").Split('|', 4)[3]), output);
        Encoding.ASCII.GetString(output.WrittenSpan).ShouldBe(Sample);
    }

    [Fact]
    public void PlainTextWithPipes_IsSplitIntoFields() =>
        Decrypt($"1|H0IFCNI9|001|{SampleWithPipes}")
            .ShouldBe(Samples.Of("H0IFCNI0").Replace("H0IFCNI0", "H0IFCNI9", StringComparison.Ordinal));

    [Fact]
    public void PipesInsideFields_AreKept() =>
        Decrypt($"1|H0IFCNI0|001|{Encrypted("a|b^c")}").ShouldBe("0|H0IFCNI0|001|a|b^c");

    [Fact]
    public void EmptyPlainText_IsDecrypted() =>
        Decrypt($"1|H0IFCNI0|001|{Empty}").ShouldBe("0|H0IFCNI0|001|");

    [Theory]
    [InlineData(300)]
    [InlineData(370)]
    [InlineData(511)]
    [InlineData(100_000)]
    public void AnyLength_IsDecrypted(int length)
    {
        var plain = $"{new string('a', length / 2)}^{new string('가', length / 6)}";
        Decrypt($"1|H0IFCNI0|001|{Encrypted(plain)}").ShouldBe($"0|H0IFCNI0|001|{plain}");
    }

    [Fact]
    public void EncryptedRecords_CanBeDecrypted() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(RecordGenerator.Of<OrderNotice>().ToArbitrary(), notice =>
        {
            var plain = Decoding.Encode("H0IFCNI0", notice);
            Decrypt($"1|H0IFCNI0|001|{Encrypted(plain.Split('|', 4)[3])}").ShouldBe(plain);
        }));

    [Theory]
    [InlineData("", FrameErrorKind.InvalidCipherLength)]
    [InlineData("====", FrameErrorKind.InvalidBase64)]
    [InlineData("!!!!", FrameErrorKind.InvalidBase64)]
    [InlineData("AAAAA", FrameErrorKind.InvalidBase64)]
    [InlineData("AAAA^AAA", FrameErrorKind.InvalidBase64)]
    [InlineData("y7hdsKoPC9JUs2nQMf/paw=", FrameErrorKind.InvalidBase64)]
    [InlineData("y7hdsKoPC9JUs2nQMf_paw==", FrameErrorKind.InvalidBase64)]
    [InlineData("삼성전자", FrameErrorKind.InvalidBase64)]
    [InlineData("AAAA", FrameErrorKind.InvalidCipherLength)]
    [InlineData("y7hdsKoPC9JUs2nQMf/pa3k=", FrameErrorKind.InvalidCipherLength)]
    [InlineData(NotUtf8, FrameErrorKind.WrongNoticeKey)]
    [InlineData(TruncatedSample, FrameErrorKind.WrongNoticeKey)]
    public void InvalidPayload_HasATypedError(string payload, FrameErrorKind kind)
    {
        using var cipher = Cipher();
        ShouldFail(cipher, $"1|H0IFCNI0|001|{payload}", kind);
    }

    [Theory]
    [InlineData(" y7hdsKoP C9JUs2nQMf/paw== ")]
    [InlineData("y7hdsKoPC9JU\r\ns2nQMf/paw==\n")]
    public void BlanksAndLineBreaksInBase64_AreSkipped(string payload) =>
        Decrypt($"1|H0IFCNI0|001|{payload}").ShouldBe("0|H0IFCNI0|001|");

    [Fact]
    public void WrongKey_HasATypedError()
    {
        using var cipher = new NoticeCipher(NoticeKey.TryCreate("ABCDEFGHIJKLMNOPABCDEFGHIJKLMNOP"u8, Encoding.ASCII.GetBytes(Iv))!);
        ShouldFail(cipher, $"1|H0IFCNI0|001|{Sample}", FrameErrorKind.WrongNoticeKey);
    }

    [Theory]
    [InlineData(new byte[] { 0x51 })] // the garbled first character is a NUL
    [InlineData(new byte[] { 0xB0 })] // and here not UTF-8
    public void WrongIv_HasATypedError_IfDetectable(byte[] first)
    {
        byte[] iv = [.. first, .. Encoding.ASCII.GetBytes(Iv[1..])];
        using var cipher = new NoticeCipher(NoticeKey.TryCreate(Encoding.ASCII.GetBytes(Key), iv)!);
        ShouldFail(cipher, $"1|H0IFCNI0|001|{Sample}", FrameErrorKind.WrongNoticeKey);
    }

    [Fact]
    public void WrongIv_ChangesOnlyTheFirstBlock()
    {
        // A cipher mode without authentication cannot detect this. The first column then differs from the registration's key.
        using var cipher = new NoticeCipher(NoticeKey.TryCreate(Encoding.ASCII.GetBytes(Key), "1123456789abcdef"u8)!);
        Decrypt(cipher, $"1|H0IFCNI0|001|{Sample}")
            .ShouldBe(Samples.Of("H0IFCNI0").Replace("abcd1234", "`bcd1234", StringComparison.Ordinal));
    }

    [Fact]
    public void AFlippedBit_IsAnErrorOrAnotherText()
    {
        using var cipher = Cipher();
        var cipherText = Convert.FromBase64String(Sample);
        for (var i = 0; i < cipherText.Length; i++)
        {
            var flipped = cipherText.ToArray();
            flipped[i] ^= 0x80;
            DataFrame.TryParse(Decoding.Bytes($"1|H0IFCNI0|001|{Convert.ToBase64String(flipped)}"), out var frame, out _).ShouldBeTrue();
            var output = new ArrayBufferWriter<byte>();
            if (cipher.TryDecrypt(frame, output, out _))
                (Encoding.UTF8.GetString(output.WrittenSpan) == Samples.Of("H0IFCNI0")).ShouldBeFalse();
            else
                output.WrittenCount.ShouldBe(0);
        }
    }

    [Fact]
    public void AfterAFailure_TheCipherStillWorks()
    {
        using var cipher = Cipher();
        ShouldFail(cipher, $"1|H0IFCNI0|001|{TruncatedSample}", FrameErrorKind.WrongNoticeKey);
        Decrypt(cipher, $"1|H0IFCNI0|001|{Sample}").ShouldBe(Samples.Of("H0IFCNI0"));
    }

    [Fact]
    public void Dispose_ClearsTheKey()
    {
        var key = NoticeKey.TryCreate(Encoding.ASCII.GetBytes(Key), Encoding.ASCII.GetBytes(Iv)).ShouldNotBeNull();
        var cipher = new NoticeCipher(key);
        cipher.Key.ShouldBeSameAs(key);
        key.Key.ToArray().ShouldBe(Encoding.ASCII.GetBytes(Key));

        cipher.Dispose();
        cipher.Dispose();

        key.Key.ToArray().ShouldAllBe(b => b == 0);
        key.Iv.ToArray().ShouldAllBe(b => b == 0);
    }

    [Theory]
    [InlineData(32, 16, true)]
    [InlineData(31, 16, false)]
    [InlineData(33, 16, false)]
    [InlineData(32, 15, false)]
    [InlineData(32, 17, false)]
    [InlineData(0, 0, false)]
    [InlineData(16, 32, false)]
    public void NoticeKey_HasThirtyTwoAndSixteenBytes(int key, int iv, bool valid) =>
        (NoticeKey.TryCreate(new byte[key], new byte[iv]) is not null).ShouldBe(valid);

    [Fact]
    public void NoticeKey_IsACopy_AndComparable()
    {
        var bytes = Encoding.ASCII.GetBytes(Key);
        using var key = NoticeKey.TryCreate(bytes, Encoding.ASCII.GetBytes(Iv))!;
        using var same = NoticeKey.TryCreate(bytes, Encoding.ASCII.GetBytes(Iv))!;
        using var otherIv = NoticeKey.TryCreate(bytes, "0123456789abcdeF"u8)!;
        bytes[0] = (byte)'X';
        using var otherKey = NoticeKey.TryCreate(bytes, Encoding.ASCII.GetBytes(Iv))!;

        key.Matches(same).ShouldBeTrue();
        key.Matches(otherIv).ShouldBeFalse();
        key.Matches(otherKey).ShouldBeFalse();
    }

    private static NoticeCipher Cipher() => new(NoticeKey.TryCreate(Encoding.ASCII.GetBytes(Key), Encoding.ASCII.GetBytes(Iv))!);

    private static string Encrypted(string plain)
    {
        using var cipher = Cipher();
        var output = new ArrayBufferWriter<byte>();
        cipher.Encrypt(Decoding.Bytes(plain), output);
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }

    private static string Decrypt(string text)
    {
        using var cipher = Cipher();
        return Decrypt(cipher, text);
    }

    private static string Decrypt(NoticeCipher cipher, string text)
    {
        DataFrame.TryParse(Decoding.Bytes(text), out var frame, out _).ShouldBeTrue();
        var output = new ArrayBufferWriter<byte>();
        cipher.TryDecrypt(frame, output, out var error).ShouldBeTrue(error.ToString());
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void ShouldFail(NoticeCipher cipher, string text, FrameErrorKind kind)
    {
        DataFrame.TryParse(Decoding.Bytes(text), out var frame, out _).ShouldBeTrue();
        var output = new ArrayBufferWriter<byte>();
        cipher.TryDecrypt(frame, output, out var error).ShouldBeFalse();
        output.WrittenCount.ShouldBe(0);
        if (kind == FrameErrorKind.WrongNoticeKey)
        {
            output.GetSpan().Slice(frame.PayloadOffset, Convert.FromBase64String(Encoding.ASCII.GetString(frame.Payload)).Length)
                .ContainsAnyExcept((byte)0).ShouldBeFalse("decrypted text was left in the buffer");
        }
        error.Kind.ShouldBe(kind);
        error.Position.ShouldBe(frame.PayloadOffset);
        error.Record.ShouldBe(-1);
    }
}
