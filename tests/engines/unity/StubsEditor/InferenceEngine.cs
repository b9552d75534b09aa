// The signatures of Unity's Inference Engine 2 that samples/unity_onnx uses. A Worker computes nothing: it gives the answers
// that it was given, one call after the other, and keeps what it hears.
using System;
using System.Collections.Generic;
using UnityEngine;

namespace Unity.InferenceEngine
{
    public sealed class ModelAsset : UnityEngine.Object { }

    public sealed class Model { }

    public enum BackendType { CPU, GPUCompute, GPUPixel }

    public static class ModelLoader { public static Model Load(ModelAsset modelAsset) { return null; } }

    public struct TensorShape
    {
        public readonly int Length;
        public TensorShape(int d0, int d1, int d2) { Length = d0 * d1 * d2; }
    }

    public abstract class Tensor : IDisposable
    {
        public float[] Values;
        public bool IsDisposed;
        public void Dispose() { IsDisposed = true; }
    }

    public sealed class Tensor<T> : Tensor
    {
        public Tensor(TensorShape shape, bool clearOnInit = true) { Values = new float[shape.Length]; }
        public void Upload(T[] srcData) { Array.Copy(srcData, Values, Values.Length); }
        public T[] DownloadToArray() { return (T[])(object)Values.Clone(); }
    }

    public sealed class Worker : IDisposable
    {
        /// Of each output the answers of all calls, one after the other; and how many numbers one call has.
        public static readonly Dictionary<string, float[]> Answers = new Dictionary<string, float[]>();
        public static readonly Dictionary<string, int> Sizes = new Dictionary<string, int>();
        public static readonly List<float> Heard = new List<float>();
        readonly Dictionary<string, Tensor> _inputs = new Dictionary<string, Tensor>();
        int _call = -1;

        public Worker(Model model, BackendType backendType) { }

        public void SetInput(string name, Tensor inputTensor)
        {
            if (inputTensor.IsDisposed) { throw new ObjectDisposedException(name); }
            _inputs[name] = inputTensor;
        }

        public void Schedule()
        {
            _call++;
            Heard.AddRange(_inputs["features"].Values);
            Expect("entry_context");
            Expect("context");
        }

        public Tensor PeekOutput(string name)
        {
            int size = Sizes[name];
            var answer = new Tensor<float>(new TensorShape(1, 1, size));
            Array.Copy(Answers[name], _call * size, answer.Values, 0, size);
            return answer;
        }

        public void CopyOutput(string name, ref Tensor tensor)
        {
            Array.Copy(PeekOutput(name).Values, tensor.Values, tensor.Values.Length);
        }

        public void Dispose() { }

        /// What the call before gave as the next context must come back; zeros in the first one.
        void Expect(string name)
        {
            int size = Sizes[name + "_next"];
            float[] values = _inputs[name].Values;
            for (int i = 0; i < size; i++)
            {
                float wanted = _call == 0 ? 0f : Answers[name + "_next"][(_call - 1) * size + i];
                if (values[i] != wanted) { throw new InvalidOperationException(name + " is another call's"); }
            }
        }
    }
}
