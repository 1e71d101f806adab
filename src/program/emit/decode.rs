//! Tests that decode every instruction of the assembler with an independent disassembler, in both
//! encodings. The code is not run, so the tests need neither instruction set.

use iced_x86::{Decoder, DecoderOptions, Mnemonic, Register as Decoded};

use super::assembler::{Arithmetic, Assembler, Gpr, Memory, Operand, POOL, Register};
use super::encode::Direct;
use super::machine::Machine;
use super::mask::{Mask, Predicate};
use super::sheet::{DecodedOperand, Sheet, gpr, memory};

const MACHINES: [Machine; 2] = [Machine::Avx512, Machine::Avx2];

const GPRS: [Gpr; 15] = [
    Gpr::Rax,
    Gpr::Rcx,
    Gpr::Rdx,
    Gpr::Rbx,
    Gpr::Rbp,
    Gpr::Rsi,
    Gpr::Rdi,
    Gpr::R8,
    Gpr::R9,
    Gpr::R10,
    Gpr::R11,
    Gpr::R12,
    Gpr::R13,
    Gpr::R14,
    Gpr::R15,
];

/// Around zero, and around the ends of one-byte displacements that count bytes, numbers and vectors.
const DISPLACEMENTS: [i32; 27] = [
    0,
    1,
    -1,
    8,
    -8,
    32,
    64,
    -64,
    127,
    128,
    129,
    -127,
    -128,
    -129,
    1016,
    1017,
    1024,
    -1024,
    -1032,
    8128,
    8136,
    8192,
    -8192,
    -8193,
    -8256,
    i32::MAX,
    i32::MIN,
];

const ARITHMETIC: [Arithmetic; 13] = [
    Arithmetic::Add,
    Arithmetic::Subtract,
    Arithmetic::Multiply,
    Arithmetic::Divide,
    Arithmetic::Least,
    Arithmetic::Greatest,
    Arithmetic::And,
    Arithmetic::Or,
    Arithmetic::MultiplyAdd,
    Arithmetic::MultiplyThenAdd,
    Arithmetic::Scale,
    Arithmetic::AddBits,
    Arithmetic::SubtractBits,
];

/// AVX2 has no scaling.
fn arithmetic(machine: Machine) -> impl Iterator<Item = Arithmetic> {
    let here = move |kind: &Arithmetic| match (machine, kind) {
        (Machine::Avx2, Arithmetic::Scale) => false,
        (Machine::Avx512 | Machine::Avx2, _) => true,
    };
    ARITHMETIC.into_iter().filter(here)
}

/// Memory operands with every base, index and displacement, and constants.
fn memories() -> Vec<Memory> {
    let plain = GPRS.iter().flat_map(|&base| DISPLACEMENTS.map(|d| Memory::At(base, d)));
    let pairs = GPRS.iter().flat_map(|&base| GPRS.map(|index| (base, index)));
    let indexed = pairs.flat_map(|(base, index)| {
        [0, 8, 64, 8128, 8192, -128, 3].map(|d| Memory::Indexed(base, index, d))
    });
    let constants = (0..300).map(|k| Memory::Constant(f64::from(k).to_bits()));
    plain.chain(indexed).chain(constants).collect()
}

/// Every kind of operand in memory.
fn operands() -> impl Iterator<Item = Operand> {
    let vectors = |at: &Memory| !matches!(at, Memory::Constant(_));
    let whole: Vec<_> = memories().into_iter().filter(vectors).map(Operand::Vector).collect();
    memories().into_iter().map(Operand::Broadcast).chain(whole)
}

#[test]
fn arithmetic_with_every_register() {
    for machine in MACHINES {
        for kind in arithmetic(machine) {
            let mut sheet = Sheet::new(machine);
            for out in sheet.registers() {
                for a in sheet.registers() {
                    for b in sheet.registers() {
                        sheet.arithmetic(kind, out, a, b.into());
                    }
                }
            }
            sheet.check();
        }
    }
}

#[test]
fn arithmetic_with_every_operand_in_memory() {
    for machine in MACHINES {
        for kind in arithmetic(machine) {
            let mut sheet = Sheet::new(machine);
            let registers: Vec<Register> = sheet.registers().collect();
            for (k, operand) in operands().enumerate() {
                let (out, a) = (registers[k % registers.len()], registers[7 * k % registers.len()]);
                sheet.arithmetic(kind, out, a, operand);
            }
            sheet.check();
        }
    }
}

#[test]
fn moves_roots_and_floors() {
    for machine in MACHINES {
        let mut sheet = Sheet::new(machine);
        let registers: Vec<Register> = sheet.registers().collect();
        for &out in &registers {
            for &a in &registers {
                sheet.moves(out, a.into());
                sheet.unary(out, a.into());
                sheet.code.shift_up(out, a, 52);
                let operands =
                    vec![sheet.register(out), sheet.register(a), DecodedOperand::Immediate(52)];
                sheet.want(Mnemonic::Vpsllq, operands);
            }
        }
        for (k, operand) in operands().enumerate() {
            let out = registers[k % registers.len()];
            sheet.moves(out, operand);
            sheet.unary(out, operand);
        }
        sheet.check();
    }
}

#[test]
fn comparisons_and_choices() {
    let predicates =
        [Predicate::Equal, Predicate::Less, Predicate::LessEqual, Predicate::Unordered];
    for machine in MACHINES {
        let mut sheet = Sheet::new(machine);
        let registers: Vec<Register> = sheet.registers().collect();
        for &a in &registers {
            for &b in &registers {
                predicates.iter().for_each(|&predicate| sheet.compare(predicate, a, b.into()));
                sheet.blend(a, b, registers[3].into());
                sheet.blend(registers[3], a, b.into());
                sheet.truth(a, b);
            }
        }
        for (k, operand) in operands().enumerate() {
            let (a, b) = (registers[k % registers.len()], registers[(k + 1) % registers.len()]);
            predicates.iter().for_each(|&predicate| sheet.compare(predicate, a, operand));
            sheet.blend(a, b, operand);
        }
        sheet.check();
    }
}

#[test]
fn masks_that_stand_for_a_loop() {
    let mut sheet = Sheet::new(Machine::Avx512);
    for (mask, number) in Mask::standing(Machine::Avx512).zip(2..) {
        let (one, a, b) = (Direct::number(1.0), Register(17), Register(30));
        sheet.code.set_standing(mask, Predicate::Equal, a, one);
        sheet.want_compare(number, Predicate::Equal, a, one.into());
        sheet.code.blend(mask, a, b, a);
        sheet.want_blend(Decoded::K0 + number, a, b, a.into());
    }
    assert_eq!(sheet.wanted.len(), 12, "k2 to k7");
    sheet.check();
    assert_eq!(Mask::standing(Machine::Avx2).count(), 0);
}

/// A number from memory must not be broadcast through the register of the mask, nor of `no`.
#[test]
#[should_panic(expected = "`no` is read after the number")]
fn a_choice_does_not_overwrite_the_other() {
    let (mut code, mut spare) = Assembler::new(Machine::Avx2);
    let mask = code.compare(Predicate::Less, Register(1), Register(2), &mut spare);
    let number = Operand::Broadcast(Memory::At(Gpr::Rsi, 8));
    code.blend(mask, Register(3), Register(3), number);
}

#[test]
fn general_registers() {
    let mut sheet = Sheet::new(Machine::Avx2);
    for a in GPRS {
        for b in GPRS {
            for displacement in DISPLACEMENTS {
                sheet.code.load_pointer(a, b, displacement);
                let source = memory(Memory::At(b, displacement), 1, 8, false);
                sheet.want_legacy(Mnemonic::Mov, vec![DecodedOperand::Register(gpr(a)), source]);
                sheet.code.prefetch(a, b, displacement);
                let line = memory(Memory::Indexed(a, b, displacement), 1, 1, false);
                sheet.want_legacy(Mnemonic::Prefetcht0, vec![line]);
            }
        }
        let register = || DecodedOperand::Register(gpr(a));
        sheet.code.clear(a);
        sheet.want_legacy(Mnemonic::Xor, vec![register(), register()]);
        for number in [1, 32, 127, 128, -1, i32::MAX] {
            sheet.code.advance(a, number);
            let number = DecodedOperand::Immediate(i64::from(number) as u64);
            sheet.want_legacy(Mnemonic::Add, vec![register(), number]);
        }
        sheet.code.push(a);
        sheet.want_legacy(Mnemonic::Push, vec![register()]);
        sheet.code.pop(a);
        sheet.want_legacy(Mnemonic::Pop, vec![register()]);
    }
    sheet.code.leave();
    sheet.want(Mnemonic::Vzeroupper, Vec::new());
    sheet.want_legacy(Mnemonic::Ret, Vec::new());
    sheet.check();
}

/// Backward jumps over short and long distances, with every pair of registers compared.
#[test]
fn loops_go_back_to_their_top() {
    for turns in [0, 1, 20, 40, 5000] {
        for a in GPRS {
            for b in GPRS {
                let mut sheet = Sheet::new(Machine::Avx2);
                sheet.code.clear(Gpr::Rax);
                let top = sheet.code.here();
                (0..turns).for_each(|_| sheet.code.push(Gpr::Rax));
                sheet.code.loop_below(a, b, top);
                let rax = || DecodedOperand::Register(Decoded::RAX);
                sheet.want_legacy(Mnemonic::Xor, vec![rax(), rax()]);
                (0..turns).for_each(|_| sheet.want_legacy(Mnemonic::Push, vec![rax()]));
                let operands =
                    vec![DecodedOperand::Register(gpr(a)), DecodedOperand::Register(gpr(b))];
                sheet.want_legacy(Mnemonic::Cmp, operands);
                sheet.want_legacy(Mnemonic::Jb, vec![DecodedOperand::Target(top as u64)]);
                sheet.check();
            }
        }
    }
}

/// An instruction with a constant operand reads that number, in every lane that it reads.
#[test]
fn constants_are_read_where_they_stand() {
    let numbers: Vec<f64> = (0..700).map(|k| f64::from(k) + 0.5).collect();
    for machine in MACHINES {
        let (mut code, _) = Assembler::new(machine);
        code.point_to_pool();
        for &number in numbers.iter().chain(&numbers) {
            code.arithmetic(Arithmetic::Add, Register(1), Register(2), Direct::number(number));
        }
        let bytes = code.finish();
        let mut decoder = Decoder::with_ip(64, &bytes, 0, DecoderOptions::NONE);
        let pointer = decoder.decode();
        assert_eq!((pointer.mnemonic(), pointer.op0_register()), (Mnemonic::Lea, gpr(POOL)));
        let pool = pointer.ip_rel_memory_address();
        for &number in numbers.iter().chain(&numbers) {
            let got = decoder.decode();
            assert_eq!((got.mnemonic(), got.memory_base()), (Mnemonic::Vaddpd, gpr(POOL)));
            let at = pool.wrapping_add(got.memory_displacement64()) as usize;
            let size = got.memory_size().size();
            assert!(at.is_multiple_of(size), "no constant lies across lines of the cache");
            for lane in bytes[at..at + size].chunks(8) {
                assert_eq!(lane, number.to_le_bytes());
            }
        }
    }
}
