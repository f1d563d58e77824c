using KisFeed.Tests.Feeds;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Wire;

/// <summary>
/// Mutated inputs, a million or by default a tenth: nothing throws or hangs, errors point into the input, decoded records can be encoded.
/// </summary>
public sealed class WireFuzzTests
{
    private const string Iv = "0123456789abcdef";
    private const string Key = "abcdefghijklmnopabcdefghijklmnop";

    private static readonly FeedCatalog s_catalog = KisFeeds.Catalog.WithLayouts(LayoutFile.Parse(Decoding.Bytes(
        """{"layouts":[{"trId":"H0BJCNT0","append":[{"element":"N1","type":"decimal"},"N2"]},{"trId":"H0UNPGM0","columns":"""
        + """["NEW","MKSC_SHRN_ISCD","SELN_CNQN","STCK_CNTG_HOUR",{"element":"OTHER","type":"code"}]}]}""")));

    [Fact]
    public void Frames()
    {
        using var check = new FrameCheck(s_catalog);
        FuzzRun.Of(TestRun.Of(650_000), ValidFrames(), check.Run);
        check.RoundTrips.ShouldBeGreaterThan(TestRun.Of(10_000));
    }

    [Fact]
    public void EncryptedFrames()
    {
        using var cipher = new NoticeCipher(NoticeKey.TryCreate(Encoding.ASCII.GetBytes(Key), Encoding.ASCII.GetBytes(Iv))!);
        using var check = new FrameCheck(s_catalog);
        var decrypted = 0;
        var plain = new ArrayBufferWriter<byte>();
        FuzzRun.Of(TestRun.Of(100_000), ValidEncryptedFrames(cipher), input =>
        {
            if (!DataFrame.TryParse(input, out var frame, out _))
                return;
            plain.ResetWrittenCount();
            if (cipher.TryDecrypt(frame, plain, out var error))
            {
                decrypted++;
                check.Run(plain.WrittenSpan);
            }
            else
            {
                error.Kind.ShouldBeOneOf(FrameErrorKind.InvalidBase64, FrameErrorKind.InvalidCipherLength, FrameErrorKind.WrongNoticeKey);
                error.Position.ShouldBe(frame.PayloadOffset);
                plain.WrittenCount.ShouldBe(0);
            }
        });
        decrypted.ShouldBeGreaterThan(TestRun.Of(1000));
    }

    [Fact]
    public void ControlMessages()
    {
        var read = 0;
        FuzzRun.Of(TestRun.Of(150_000), ValidControlMessages(), input =>
        {
            var message = ControlMessage.TryParse(input, out var error);
            if (message is null)
            {
                error.Kind.ShouldBe(FrameErrorKind.InvalidControlMessage);
                error.Position.ShouldBeInRange(0, input.Length);
                return;
            }

            read++;
            error.ShouldBe(default);
            if (message is BrokerReply reply)
            {
                reply.ResultCode.ShouldNotBeNullOrEmpty();

                // A mutation may have put the text of the key into another member.
                if (!new[] { reply.ResultCode, reply.TrId, reply.Text }
                    .Any(text => text?.Contains(Key, StringComparison.OrdinalIgnoreCase) == true))
                {
                    reply.ToString().ShouldNotContain(Key);
                }
                if (reply.NoticeKey is { } key)
                    (key.Key.Length, key.Iv.Length).ShouldBe((32, 16));
            }
        });
        read.ShouldBeGreaterThan(TestRun.Of(1000));
    }

    [Fact]
    public void Requests()
    {
        var read = 0;
        var output = new ArrayBufferWriter<byte>();
        FuzzRun.Of(TestRun.Of(100_000), ValidRequests(), input =>
        {
            if (!Request.TryParse(input, out var request, out var refusal))
            {
                refusal.Value.ShouldStartWith("OPSP");
                return;
            }

            read++;
            output.ResetWrittenCount();
            request.Write(output);
            Request.TryParse(output.WrittenMemory, out var reparsed, out _).ShouldBeTrue();
            reparsed.ShouldBe(request);
        });
        read.ShouldBeGreaterThan(TestRun.Of(1000));
    }

    private static List<byte[]> ValidFrames()
    {
        var frames = Samples.All.ToList();
        frames.AddRange(Samples.All.Select(s => Several(s, 3, "")));
        frames.AddRange(Samples.All.Select(s => Several(s, 2, "^X")));
        frames.Add(Several(Samples.Of("H0BJCNT0"), 2, "^1.50^둘"));
        frames.Add(Samples.Of("H0STPGM0").Replace("H0STPGM0", "H0NXPGM0", StringComparison.Ordinal));
        frames.Add(Samples.Of("H0IFCNI0") + "^");
        frames.Add("0|H0UNPGM0|002|x^005930^5^093000^7^^000660^-7^^12345678");
        return [.. frames.Select(Decoding.Bytes)];
    }

    private static List<byte[]> ValidEncryptedFrames(NoticeCipher cipher)
    {
        return [.. new[] { Samples.Of("H0IFCNI0"), Several(Samples.Of("H0IFCNI0"), 3, "^"), "0|H0IFCNI9|001|" }.Select(Encrypt)];

        byte[] Encrypt(string text)
        {
            var parts = text.Split('|', 4);
            var output = new ArrayBufferWriter<byte>();
            cipher.Encrypt(Decoding.Bytes(parts[3]), output);
            return Decoding.Bytes($"1|{parts[1]}|{parts[2]}|{Encoding.ASCII.GetString(output.WrittenSpan)}");
        }
    }

    private static List<byte[]> ValidControlMessages() =>
    [
        .. new[]
        {
            """{"header":{"tr_id":"H0IFCNI0","tr_key":"HTSID","encrypt":"Y"}"""
                + ""","body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE """
                + $$$$$$"""SUCCESS","output":{"iv":"{{{{{{Iv}}}}}}","key":"{{{{{{Key}}}}}}"}}}""",
            """{"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"}"""
                + ""","body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}""",
            """{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP0017","msg1":"ERROR : htsid가잘못되었습니다"}}""",
            """{"header":{"tr_id":"PINGPONG","datetime":"20261120093001"}}""",
        }.Select(Decoding.Bytes),
    ];

    private static List<byte[]> ValidRequests() =>
    [
        .. new[]
        {
            """{"header":{"approval_key":"a1b2","custtype":"P","tr_type":"1","content-type":"utf-8"},"body":{"input":"""
                + """{"tr_id":"H0UPCNT0","tr_key":"0001"}}}""",
            """{"body":{"input":{"tr_key":"가\u0041","tr_id":"H0IFCNI0"}},"header":{"tr_type":"2","custtype":"B","approval_key":"x"}}""",
        }.Select(Decoding.Bytes),
    ];

    private static string Several(string sample, int count, string appended)
    {
        var parts = sample.Split('|', 4);
        return $"0|{parts[1]}|{count:D3}|{string.Join('^', Enumerable.Repeat(parts[3] + appended, count))}";
    }
}
